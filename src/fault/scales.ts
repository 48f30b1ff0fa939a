import type { Cluster, ClusterObject, Ref } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { isServed } from './blast-radius.ts';
import { type FieldPath, fieldAt, isRecord } from './field-path.ts';
import { refOf } from './operation.ts';

/** How many pods a workload was to have before the game, and who had last said so. */
export interface Scale {
  ref: Ref;
  replicas: number;
  owner?: FieldOwner;
}

/** A field manager, as `metadata.managedFields` tells of it. */
export interface FieldOwner {
  manager: string;
  /** When it last wrote one of its fields; RFC 3339. */
  time?: string;
}

const workloads = ['deployments', 'statefulsets'].map((kind) => ({ kind, group: 'apps' }));
export const autoscalers = { kind: 'horizontalpodautoscalers', group: 'autoscaling' };
const replicas: FieldPath = ['spec', 'replicas'];

/**
 * The scales of all workloads in the namespaces, and of whatever else an autoscaler there, or one of `made`, scales. What may
 * not be read is left out. Throws ClusterError when the cluster does not answer.
 */
export async function readScales(
  cluster: Cluster,
  namespaces: readonly string[],
  made: readonly ClusterObject[],
  signal?: AbortSignal,
): Promise<Scale[]> {
  const found = new Map<string, Scale>();
  const keep = (object: ClusterObject | undefined) => {
    const scale = object && scaleOf(object);
    if (scale) found.set(targetKey(scale.ref), scale);
  };
  const scalers = [...made];
  for (const namespace of namespaces) {
    for (const kind of workloads) (await listed(cluster, kind, namespace, signal)).forEach(keep);
    scalers.push(...(await listed(cluster, autoscalers, namespace, signal)));
  }
  for (const scaler of scalers) {
    const ref = targetOf(scaler);
    if (ref && namespaces.includes(ref.namespace!) && !found.has(targetKey(ref)))
      keep(await readable(() => cluster.get(ref, signal), undefined));
  }
  return [...found.values()];
}

/** What an autoscaler scales: a HorizontalPodAutoscaler, or any other kind that names its target the same way. */
export function targetOf({ metadata, spec }: ClusterObject): Ref | undefined {
  const target = fieldAt(spec, ['scaleTargetRef']);
  if (!isRecord(target) || typeof target.kind !== 'string' || typeof target.name !== 'string')
    return undefined;
  const { namespace = 'default' } = metadata;
  const apiVersion = typeof target.apiVersion === 'string' ? target.apiVersion : 'apps/v1';
  return refOf({ apiVersion, kind: target.kind, metadata: { name: target.name, namespace } });
}

/** The same for every version and spelling of a kind. */
export function targetKey({ kind, namespace, name }: Ref): string {
  return JSON.stringify([kind.toLowerCase().replace(/s$/, ''), namespace, name]);
}

export function replicasOf(object: ClusterObject | undefined): number | undefined {
  const value = fieldAt(object, replicas);
  return typeof value === 'number' ? value : undefined;
}

/** The autoscaler that looks after a workload now. Throws ClusterError. */
export async function autoscalerOf(
  ref: Ref,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<ClusterObject | undefined> {
  const all = await listed(cluster, autoscalers, ref.namespace!, signal);
  return all.find((each) => {
    const target = targetOf(each);
    return !each.metadata.deletionTimestamp && target && targetKey(target) === targetKey(ref);
  });
}

/** Who last wrote a field, as far as the API server keeps account of it. */
export function ownerOf(object: ClusterObject | undefined, path: FieldPath): FieldOwner | undefined {
  const keys = path.map((key) => (typeof key === 'string' ? `f:${key}` : undefined));
  if (keys.includes(undefined)) return undefined;
  const entries = (object?.metadata.managedFields ?? []) as {
    manager?: string;
    time?: string;
    fieldsV1?: unknown;
  }[];
  const owners = entries.filter(({ fieldsV1 }) => fieldAt(fieldsV1, keys as string[]) !== undefined);
  const last = owners.sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0];
  return last?.manager === undefined
    ? undefined
    : { manager: last.manager, ...(last.time !== undefined && { time: last.time }) };
}

function scaleOf(object: ClusterObject): Scale | undefined {
  if (object.metadata.ownerReferences?.some(({ controller }) => controller)) return undefined;
  const count = replicasOf(object);
  if (count === undefined) return undefined;
  const owner = ownerOf(object, replicas);
  return { ref: refOf(object), replicas: count, ...(owner && { owner }) };
}

/** All of a kind in a namespace; none where it is not served or may not be read. Throws ClusterError. */
export async function listed(
  cluster: Cluster,
  kind: { kind: string; group: string },
  namespace: string,
  signal?: AbortSignal,
): Promise<ClusterObject[]> {
  if (!(await isServed(cluster, kind))) return [];
  return await readable(() => cluster.list(kind, { namespace }, signal), []);
}

/** What may not be read, or is of a kind that is not there, is as if it were not there. */
export async function readable<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const isRefused = error instanceof ClusterError && error.status === 403;
    if (isRefused || (error as { code?: string }).code === 'unknown-kind') return otherwise;
    throw error;
  }
}
