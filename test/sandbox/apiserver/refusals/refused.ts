/** What a server of our own says of a wrong object: all that follows `is invalid: `, or the whole refusal. */
import type { KubeObject, NewObject } from '../../../../src/sandbox/api.ts';
import { createApi } from '../../../../src/sandbox/apiserver/api.ts';
import { resourceName } from '../../../../src/sandbox/apiserver/kinds/definition.ts';
import { definitions } from '../../../../src/sandbox/apiserver/kinds/kinds.ts';
import { realClock } from '../../../../src/sandbox/clock.ts';

type Fields = Record<string, unknown>;

/** An object without apiVersion: the kind says it. */
export type Wrong = { kind: string; metadata?: Fields; [field: string]: unknown };

function message(action: () => unknown): string {
  try {
    action();
    return 'accepted';
  } catch (error) {
    return (error as Error).message.replace(/^.*? is invalid: /, '');
  }
}

const definitionOf = (kind: string) => definitions.find((definition) => definition.kind === kind)!;

function complete({ kind, metadata, ...rest }: Wrong): NewObject {
  const { group, version, namespaced } = definitionOf(kind);
  const apiVersion = group ? `${group}/${version}` : version;
  const place = namespaced ? { namespace: 'default' } : {};
  return { apiVersion, kind, metadata: { name: 'x', ...place, ...metadata }, ...rest } as NewObject;
}

export function refusalOf(wrong: Wrong): string {
  const api = createApi({ clock: realClock });
  return message(() => api.create(resourceName(definitionOf(wrong.kind)), complete(wrong)));
}

/** Of a change of an object that is right. */
export function refusalOfChange(right: Wrong, change: (draft: KubeObject) => unknown): string {
  const api = createApi({ clock: realClock });
  const definition = definitionOf(right.kind);
  const { metadata } = api.create(resourceName(definition), complete(right));
  return message(() =>
    api.update(resourceName(definition), metadata.namespace, metadata.name, (draft) => {
      change(draft);
      return draft;
    }),
  );
}

export const pods = (spec: Fields = {}, metadata: Fields = {}) => ({
  metadata: { labels: { app: 'x' }, ...metadata },
  spec: { containers: [{ name: 'c', image: 'busybox:1' }], ...spec },
});

/** A Pod with one container, of which `more` is wrong, or the spec around it. */
export const podWith = (more: object, spec: object = {}) => ({
  kind: 'Pod',
  spec: { containers: [{ name: 'c', image: 'b:1', ...more }], ...spec },
});
