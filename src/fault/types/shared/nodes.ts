import type { Cluster, ClusterObject, Ref } from '../../../cluster/cluster.ts';
import { fieldAt } from '../../../cluster/fields/path.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { CompileContext } from '../../fault-type.ts';
import { podsOf } from '../kill/pods.ts';
import { existing } from './target.ts';

/** The node with most pods of the workload; of several the first by name. Throws `no-pods`. */
export async function nodeOf(
  ref: Ref,
  { cluster }: { cluster: Pick<Cluster, 'get' | 'list'> },
): Promise<string> {
  const pods = await podsOf(await existing(ref, cluster), cluster);
  const count = new Map<string, number>();
  for (const pod of pods) {
    const name = fieldAt(pod, ['spec', 'nodeName']);
    if (typeof name === 'string') count.set(name, (count.get(name) ?? 0) + 1);
  }
  const [most] = [...count].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  if (most) return most[0];
  throw new MisfortuneError('no-pods', `No pod of ${ref.kind} ${ref.name} runs on a node.`, {
    todo: 'Start the stack, or name the node.',
    exitCode: exitCodes.refused,
  });
}

/** Pods on a node that are of namespaces that nobody opened for games. */
export async function strangersOn(
  node: string,
  { cluster, namespaces }: Pick<CompileContext, 'cluster' | 'namespaces'>,
): Promise<ClusterObject[]> {
  const pods = await cluster.list({ kind: 'pod' }, { fieldSelector: `spec.nodeName=${node}` });
  return pods.filter(({ metadata }) => !namespaces.includes(metadata.namespace ?? ''));
}
