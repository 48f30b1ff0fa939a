import type { Cluster, Ref } from '../cluster/cluster.ts';
import { isReadyPod, podsOf } from '../cluster/pods.ts';
import { formatRef, parseRef } from '../cluster/ref.ts';
import { rolloutState } from '../cluster/rollout.ts';
import type { CheckContext, Finding } from './evaluate.ts';

/** At least as many available pods as wanted, or as there were at the baseline. */
export async function checkWorkload(
  { ref, available }: { ref: string; available: number | 'baseline' },
  { cluster, baseline, signal }: CheckContext,
): Promise<Finding> {
  const wanted = available === 'baseline' ? baseline.available[ref] : available;
  if (wanted === undefined) return { holds: false, gap: true, seen: `no baseline was taken of ${ref}` };
  const now = await availablePods(cluster, parseRef(ref), signal);
  if (now === undefined)
    return { holds: false, value: 0, seen: `${ref} is not there (${wanted} pods wanted)` };
  return { holds: now >= wanted, value: now, seen: `${now} of ${wanted} pods available` };
}

/** Available pods of a workload as its controller counts them; undefined if the workload is not there. */
export async function availablePods(
  cluster: Cluster,
  ref: Ref,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const object = await cluster.get(ref, signal);
  if (!object) return undefined;
  const status = (object.status ?? {}) as WorkloadStatus;
  if (object.kind === 'DaemonSet') return status.numberAvailable ?? 0;
  if (['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'].includes(object.kind)) {
    return status.availableReplicas ?? 0;
  }
  const { running } = await podsOf(cluster, ref, signal);
  return running.filter(isReadyPod).length;
}

/** A rollout is complete, by the rules of `kubectl rollout status`. */
export async function checkRollout(ref: string, { cluster, signal }: CheckContext): Promise<Finding> {
  const object = await cluster.get(parseRef(ref), signal);
  if (!object) return { holds: false, seen: `${formatRef(parseRef(ref))} is not there` };
  const { complete, seen, updated } = rolloutState(object);
  return { holds: complete, seen, value: updated };
}

interface WorkloadStatus {
  availableReplicas?: number;
  numberAvailable?: number;
}
