import { listed, readable } from './access/readable.ts';
import type { Cluster, ClusterObject, Ref } from './cluster.ts';
import { type FieldOwner, ownerOf } from './fields/owner.ts';
import { type FieldPath, fieldAt, isRecord } from './fields/path.ts';
import { refKey, refOf } from './ref.ts';

/** How many pods a workload was to have before the game, and who had last said so. */
export interface Scale {
  ref: Ref;
  replicas: number;
  owner?: FieldOwner;
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
    if (scale) found.set(refKey(scale.ref), scale);
  };
  const scalers = [...made];
  for (const namespace of namespaces) {
    for (const kind of workloads) (await listed(cluster, kind, namespace, signal)).forEach(keep);
    scalers.push(...(await listed(cluster, autoscalers, namespace, signal)));
  }
  for (const scaler of scalers) {
    const ref = targetOf(scaler);
    if (ref && namespaces.includes(ref.namespace!) && !found.has(refKey(ref)))
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
    return !each.metadata.deletionTimestamp && target && refKey(target) === refKey(ref);
  });
}

function scaleOf(object: ClusterObject): Scale | undefined {
  if (object.metadata.ownerReferences?.some(({ controller }) => controller)) return undefined;
  const count = replicasOf(object);
  if (count === undefined) return undefined;
  const owner = ownerOf(object, replicas);
  return { ref: refOf(object), replicas: count, ...(owner && { owner }) };
}
