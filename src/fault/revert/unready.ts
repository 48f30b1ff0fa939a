import type { Cluster, Ref } from '../../cluster/cluster.ts';
import { rolloutState } from '../../cluster/rollout.ts';
import { refOf } from '../operation.ts';
import { listed } from '../scales.ts';

const workloads = ['deployments', 'statefulsets', 'daemonsets'].map((kind) => ({ kind, group: 'apps' }));

/**
 * The workloads in the namespaces that are not rolled out: what was like that before a game is not waited for after it.
 * What may not be read is left out. Throws ClusterError when the cluster does not answer.
 */
export async function readUnready(
  cluster: Cluster,
  namespaces: readonly string[],
  signal?: AbortSignal,
): Promise<Ref[]> {
  const found: Ref[] = [];
  for (const namespace of namespaces)
    for (const kind of workloads)
      for (const object of await listed(cluster, kind, namespace, signal))
        if (!rolloutState(object).complete) found.push(refOf(object));
  return found;
}
