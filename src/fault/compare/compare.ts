import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { isServed } from '../../cluster/access/readable.ts';
import type { Cluster, ClusterObject, Ref } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { fieldChanges } from '../../cluster/fields/changes.ts';
import { fieldAt, formatPath, formatValue, isRecord, withField } from '../../cluster/fields/path.ts';
import { type ClusterIdentity, clusterIdentity } from '../../cluster/identity.ts';
import { formatRef, parseRef, refOf } from '../../cluster/ref.ts';
import { ignoredFields } from './ignored.ts';

/** How the namespaces of a game, and the nodes, were before it: all objects without what is ignored. */
export interface Baseline {
  version: 1;
  /** Wall time, ms since epoch. */
  at: number;
  cluster: ClusterIdentity;
  namespaces: string[];
  /** Objects that are compared besides those that are listed: what a plan touches may be of any kind. */
  also?: Ref[];
  /** By reference. Values of Secrets are hashes. */
  objects: Record<string, unknown>;
  /** Kinds that may not be listed with these credentials (`secret`): nothing is said of them. */
  unreadable?: string[];
}

/** Kinds that hold what somebody wants; a cluster that lacks one has none of it. */
export const comparedKinds: readonly { kind: string; group?: string }[] = [
  ...['configmaps', 'secrets', 'services', 'serviceaccounts', 'pods', 'persistentvolumeclaims'].map(core),
  ...['resourcequotas', 'limitranges', 'replicationcontrollers'].map(core),
  ...['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map((kind) => ({ kind, group: 'apps' })),
  ...['jobs', 'cronjobs'].map((kind) => ({ kind, group: 'batch' })),
  ...['ingresses', 'networkpolicies'].map((kind) => ({ kind, group: 'networking.k8s.io' })),
  { kind: 'horizontalpodautoscalers', group: 'autoscaling' },
  { kind: 'poddisruptionbudgets', group: 'policy' },
  ...['roles', 'rolebindings'].map((kind) => ({ kind, group: 'rbac.authorization.k8s.io' })),
];

/** Reads everything that could be compared later. */
export async function takeBaseline(
  cluster: Cluster,
  namespaces: readonly string[],
  { clock, signal, also = [] }: { clock: Clock; signal?: AbortSignal; also?: readonly Ref[] },
): Promise<Baseline> {
  const objects: Record<string, unknown> = {};
  const keep = (object: ClusterObject) => {
    if (object.metadata.ownerReferences?.some(({ controller }) => controller)) return;
    objects[formatRef(refOf(object))] = comparable(object);
  };
  const unreadable = new Set<string>();
  const keepAll = async (kind: { kind: string; group?: string }, scope: { namespace?: string }) => {
    try {
      (await cluster.list(kind, scope, signal)).forEach(keep);
    } catch (error) {
      if (!(error instanceof ClusterError) || error.status !== 403) throw error;
      unreadable.add((await cluster.kind(kind)).kind.toLowerCase());
    }
  };
  for (const kind of comparedKinds) {
    if (!(await isServed(cluster, kind))) continue;
    for (const namespace of namespaces) await keepAll(kind, { namespace });
  }
  await keepAll({ kind: 'nodes' }, {});
  for (const name of namespaces) {
    const namespace = await cluster.get({ kind: 'namespace', name }, signal);
    if (namespace) keep(namespace);
  }
  for (const ref of also) {
    const object = await cluster.get(ref, signal);
    if (object) keep(object);
  }
  const identity = await clusterIdentity(cluster, signal);
  return {
    version: 1,
    at: clock.now(),
    cluster: identity,
    namespaces: [...namespaces],
    objects,
    ...(also.length > 0 && { also: [...also] }),
    ...(unreadable.size > 0 && { unreadable: [...unreadable] }),
  };
}

/** What differs, one line a field: `deployment/shop/edge spec.replicas: was 2, is 3`. Empty: all is as it was. */
export function compare(before: Baseline, after: Baseline): string[] {
  const refs = new Set([...Object.keys(before.objects), ...Object.keys(after.objects)]);
  const unreadable = new Set([...(before.unreadable ?? []), ...(after.unreadable ?? [])]);
  return [...refs].sort().flatMap((ref) => {
    if (unreadable.has(parseRef(ref).kind)) return [];
    return difference(ref, before.objects[ref], after.objects[ref]);
  });
}

/** What differs between two states of one object. */
export function compareObject(was: ClusterObject | undefined, is: ClusterObject | undefined): string[] {
  const either = was ?? is;
  return either ? difference(formatRef(refOf(either)), was && comparable(was), is && comparable(is)) : [];
}

function difference(ref: string, was: unknown, is: unknown): string[] {
  if (was === undefined && is === undefined) return [];
  if (is === undefined) return [`${ref}: existed and no longer does`];
  if (was === undefined) return [`${ref}: did not exist and now does`];
  const now = withoutNew(was, is);
  return fieldChanges(was, now).map(({ path }) => {
    return `${ref} ${formatPath(path)}: was ${formatValue(fieldAt(was, path))}, is ${formatValue(fieldAt(now, path))}`;
  });
}

/** Without what is left out where it was not there before. */
function withoutNew(was: unknown, is: unknown): unknown {
  let kept = is;
  for (const { path, kind, whereNew } of ignoredFields)
    if (whereNew && kind === (is as ClusterObject).kind && fieldAt(was, path) === undefined)
      kept = withField(kept, path, undefined);
  return withoutEmpty(kept);
}

function comparable(object: ClusterObject): unknown {
  let kept: unknown = object;
  for (const { path, kind, whereNew } of ignoredFields)
    if (!whereNew && (kind === undefined || kind === object.kind)) kept = withField(kept, path, undefined);
  if (object.kind === 'Secret') kept = withHashes(kept as ClusterObject);
  return withoutEmpty(kept);
}

/** A baseline lies on disk: it can tell that a secret changed without holding it. */
function withHashes(secret: ClusterObject): unknown {
  const hash = (text: unknown) => createHash('sha256').update(String(text)).digest('hex');
  const data = Object.entries((secret.data ?? {}) as Record<string, unknown>);
  return { ...secret, data: Object.fromEntries(data.map(([key, value]) => [key, hash(value)])) };
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((item) => withoutEmpty(item) ?? item);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value)
    .map(([key, item]) => [key, withoutEmpty(item)] as const)
    .filter(([, item]) => item !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function core(kind: string): { kind: string; group?: string } {
  return { kind };
}
