import type { ClusterObject } from '../../../cluster/cluster.ts';
import { type Disguise, disguiseLabels } from '../../disguise.ts';

/** A ServiceAccount that may list and delete the pods of one namespace, and nothing else. */
export function runnerAccount({ name, namespace }: Disguise, pods: string): ClusterObject[] {
  const group = 'rbac.authorization.k8s.io';
  const labels = disguiseLabels(name);
  const there = { name, namespace: pods, labels };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
    {
      apiVersion: `${group}/v1`,
      kind: 'Role',
      metadata: there,
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'delete'] }],
    },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata: there,
      roleRef: { apiGroup: group, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
}
