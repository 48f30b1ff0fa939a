import type { Clock } from '../../clock.ts';
import type { Cluster, Ref } from '../../cluster/cluster.ts';
import { formatRef, groupOf, tryParseRef } from '../../cluster/ref.ts';

/** What a failure can come from and a responder may name, by what they would type. */
const kinds = [
  'deployment',
  'statefulset',
  'daemonset',
  'job',
  'cronjob',
  'service',
  'configmap',
  'pod',
  'node',
];

/** How long a list of live objects is good enough for a type-ahead, real ms. */
const freshFor = 5000;

/** Live objects of some namespaces as references, for the type-ahead of a diagnosis. */
export class Origins {
  readonly #cluster: Cluster;
  readonly #namespaces: readonly string[];
  readonly #clock: Clock;
  #listed: { at: number; refs: Promise<string[]> } | undefined;

  constructor(cluster: Cluster, namespaces: readonly string[], clock: Clock) {
    this.#cluster = cluster;
    this.#namespaces = namespaces;
    this.#clock = clock;
  }

  /** Those that begin with the prefix, then those that contain it. */
  async matching(prefix: string): Promise<string[]> {
    const wanted = prefix.toLowerCase();
    const refs = await this.#all();
    const first = refs.filter((ref) => ref.startsWith(wanted));
    return [...first, ...refs.filter((ref) => !ref.startsWith(wanted) && ref.includes(wanted))];
  }

  #all(): Promise<string[]> {
    const now = this.#clock.mono();
    if (!this.#listed || now - this.#listed.at > freshFor) this.#listed = { at: now, refs: this.#list() };
    return this.#listed.refs;
  }

  async #list(): Promise<string[]> {
    const lists = await Promise.all(kinds.map((kind) => this.#listKind(kind)));
    return lists.flat();
  }

  async #listKind(kind: string): Promise<string[]> {
    try {
      const { apiVersion, namespaced } = await this.#cluster.kind({ kind });
      const group = groupOf(apiVersion);
      const scopes = namespaced ? this.#namespaces.map((namespace) => ({ namespace })) : [{}];
      const found = await Promise.all(scopes.map((scope) => this.#cluster.list({ kind, group }, scope)));
      return found
        .flat()
        .map(({ metadata: { name, namespace } }) => formatRef({ kind, group, namespace, name }));
    } catch {
      // A kind that this cluster does not have, or that may not be listed.
      return [];
    }
  }
}

/**
 * Whether a named origin is one of the right ones: the same object however its kind is written, or something that it
 * owns (the pod of the Job).
 */
export async function isRightOrigin(
  named: string,
  right: readonly string[],
  cluster: Pick<Cluster, 'kind' | 'get'>,
): Promise<boolean> {
  const ref = tryParseRef(named);
  if (!ref) return false;
  const wanted = new Set(await Promise.all(right.map((text) => identity(tryParseRef(text), cluster))));
  for (let owned: Ref | undefined = ref, depth = 0; owned && depth < 4; depth++) {
    if (wanted.has(await identity(owned, cluster))) return true;
    owned = await ownerOf(owned, cluster);
  }
  return false;
}

async function identity(ref: Ref | undefined, cluster: Pick<Cluster, 'kind'>): Promise<string> {
  if (!ref) return '';
  try {
    const { apiVersion, kind } = await cluster.kind(ref);
    return [apiVersion, kind, ref.namespace ?? '', ref.name].join(' ');
  } catch {
    return formatRef(ref);
  }
}

async function ownerOf(ref: Ref, cluster: Pick<Cluster, 'get'>): Promise<Ref | undefined> {
  try {
    const object = await cluster.get(ref);
    const owner = object?.metadata.ownerReferences?.find((one) => one.controller);
    if (!owner) return undefined;
    const group = groupOf(owner.apiVersion) || undefined;
    return { kind: owner.kind.toLowerCase(), group, namespace: ref.namespace, name: owner.name };
  } catch {
    return undefined;
  }
}
