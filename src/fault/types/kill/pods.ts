import type { Cluster, ClusterObject } from '../../../cluster/cluster.ts';
import { fieldAt } from '../../../cluster/fields/path.ts';
import { isOf } from './choose.ts';

/** The label selector of a workload as a query has it. */
export function selectorText(workload: ClusterObject): string {
  const { matchLabels = {}, matchExpressions = [] } = (fieldAt(workload, ['spec', 'selector']) ?? {}) as {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
  };
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
    }),
  ].join(',');
}

/** The pods of a workload that run and are not about to end: by owner, since labels may be shared. */
export async function podsOf(
  workload: ClusterObject,
  cluster: Pick<Cluster, 'list'>,
): Promise<ClusterObject[]> {
  const { namespace } = workload.metadata;
  const pods = await cluster.list({ kind: 'pod' }, { namespace, labelSelector: selectorText(workload) });
  return pods.filter((pod) => isOf(pod, { kind: workload.kind, name: workload.metadata.name }));
}
