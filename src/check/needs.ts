import type { PermissionNeed } from '../cluster/cluster.ts';
import { parseRef } from '../cluster/ref.ts';

/** To read one object. */
export function readNeed(text: string): PermissionNeed {
  return { ...parseRef(text), verbs: ['get'] };
}

/** To read the logs of a workload's pods. */
export function logNeed(text: string): PermissionNeed {
  return { ...pods(text), verbs: ['get'], subresource: 'log' };
}

/** To find the pods of a workload by their owners, those of a Deployment or CronJob by way of what it owns (src/cluster/wait/pods.ts). */
export function podNeeds(text: string): PermissionNeed[] {
  const { kind, namespace } = parseRef(text);
  const listed: PermissionNeed = { ...pods(text), verbs: ['list'] };
  if (/^deployments?$/.test(kind))
    return [listed, { kind: 'replicasets', group: 'apps', namespace, verbs: ['list'] }];
  if (/^cronjobs?$/.test(kind)) return [listed, { kind: 'jobs', group: 'batch', namespace, verbs: ['list'] }];
  return [listed];
}

/** To make a pod of ours in a namespace, read its log and delete it. */
export function probeNeeds(namespace: string): PermissionNeed[] {
  const ours = { kind: 'pods', group: '', namespace };
  return [
    { ...ours, verbs: ['create', 'get', 'delete'] },
    { ...ours, verbs: ['get'], subresource: 'log' },
  ];
}

function pods(text: string): Omit<PermissionNeed, 'verbs'> {
  return { kind: 'pods', group: '', namespace: parseRef(text).namespace };
}
