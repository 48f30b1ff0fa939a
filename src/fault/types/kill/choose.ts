import type { ClusterObject } from '../../../cluster/cluster.ts';

/** How many of the pods: one, all, a number, or a share (of which at least one). */
export type HowMany = 'one' | 'all' | { fixed: number } | { percent: number };

/** Whether a pod is of a workload and alive. A Deployment's pods are of a ReplicaSet that carries its name. */
export function isOf(
  { metadata, status }: { metadata: ClusterObject['metadata']; status?: unknown },
  workload: { kind: string; name: string },
): boolean {
  const { phase } = (status ?? {}) as { phase?: string };
  if (metadata.deletionTimestamp || phase === 'Succeeded' || phase === 'Failed') return false;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (workload.kind !== 'Deployment') return owner?.kind === workload.kind && owner.name === workload.name;
  const hash = metadata.labels?.['pod-template-hash'];
  return owner?.kind === 'ReplicaSet' && owner.name === `${workload.name}-${hash}`;
}

/** Some of them, by chance; `random` gives numbers in [0, 1). */
export function chooseSome<T>(all: readonly T[], how: HowMany, random: () => number): T[] {
  const rest = [...all];
  const chosen: T[] = [];
  for (let left = Math.min(rest.length, countOf(how, rest.length)); left > 0; left -= 1)
    chosen.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return chosen;
}

function countOf(how: HowMany, all: number): number {
  if (how === 'one') return 1;
  if (how === 'all') return all;
  return 'fixed' in how ? how.fixed : Math.max(1, Math.floor((all * how.percent) / 100));
}
