import { LabelSet } from '../../../promql/series/labels.ts';
import type { Api, KubeObject, NewObject, SandboxClock } from '../../api.ts';

/** Where the file is, as in a cluster whose Alertmanager mounts a ConfigMap beside a config-reloader. */
const place = { namespace: 'monitoring', name: 'alertmanager' } as const;
const key = 'alertmanager.yaml';

/** From a change to its reading, real ms: the kubelet's and the reloader's time, much shortened. */
const RELOAD_MS = 1000;

/** The namespace, open for games, and the ConfigMap with this text. */
export function configurationObjects(text: string): NewObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: place.namespace, labels: { 'misfortune.dev/game-days': 'allowed' } },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...place, labels: { 'app.kubernetes.io/name': 'alertmanager' } },
      data: { [key]: text },
    },
  ];
}

interface Use {
  /** Takes the text into use. Throws Error for one that cannot be used. */
  use(text: string): void;
  /** Told of a text that was not taken into use. */
  onRefused(about: KubeObject, reason: string): void;
}

/**
 * Alertmanager's file in the ConfigMap `monitoring/alertmanager`: read again a second after a change. What cannot be used
 * leaves the last good text in use, as does a ConfigMap that is gone.
 */
export class Configuration {
  /** In use. */
  text: string;
  /** Of the last text that was taken into use, ms since epoch. */
  reloadedAt: number;
  lastReloadSuccessful = true;
  readonly #clock: SandboxClock;
  readonly #use: Use;
  readonly #unwatch: () => void;
  #seen: string | undefined;
  #cancel: (() => void) | undefined;

  /** `text` is in use already. */
  constructor(text: string, { api, clock }: { api: Api; clock: SandboxClock }, use: Use) {
    this.text = text;
    this.#seen = text;
    this.reloadedAt = clock.now();
    this.#clock = clock;
    this.#use = use;
    this.#unwatch = api.watch('configmaps', ({ type, object }) => {
      const { namespace, name } = object.metadata;
      if (namespace === place.namespace && name === place.name && type !== 'DELETED') this.#changed(object);
    });
  }

  /** Under the names of the real one. */
  metrics(): { labels: LabelSet; value: number }[] {
    const one = (name: string, value: number) => ({ labels: LabelSet.from({ __name__: name }), value });
    return [
      one('alertmanager_config_last_reload_successful', this.lastReloadSuccessful ? 1 : 0),
      one('alertmanager_config_last_reload_success_timestamp_seconds', this.reloadedAt / 1000),
    ];
  }

  close(): void {
    this.#unwatch();
    this.#cancel?.();
  }

  #changed(object: KubeObject): void {
    this.#cancel?.();
    this.#cancel = this.#clock.setTimeout(() => this.#read(object), RELOAD_MS);
  }

  #read(object: KubeObject): void {
    const text: unknown = object.data?.[key];
    if (text === this.#seen) return;
    this.#seen = typeof text === 'string' ? text : undefined;
    try {
      if (typeof text !== 'string') throw new Error(`Expected a key ${key}, and there is none.`);
      this.#use.use(text);
      this.text = text;
      this.reloadedAt = this.#clock.now();
      this.lastReloadSuccessful = true;
    } catch (error) {
      this.lastReloadSuccessful = false;
      this.#use.onRefused(object, (error as Error).message);
    }
  }
}
