import type { V1DaemonSetStatus, V1DeploymentStatus } from '@kubernetes/client-node';
import type { Cluster, Ref } from '../cluster/cluster.ts';
import { isReadyPod, podsOf } from '../cluster/wait/pods.ts';

type WorkloadStatus = Partial<V1DeploymentStatus & V1DaemonSetStatus>;

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
