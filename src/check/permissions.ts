import type { PermissionNeed } from '../cluster/cluster.ts';
import { parseRef } from '../cluster/ref.ts';
import type { Check } from './grammar.ts';

/** What evaluating a check asks of RBAC; PromQL asks the monitoring, not the cluster. */
export function checkNeeds(check: Check): PermissionNeed[] {
  const inside = [...(check.all ?? []), ...(check.any ?? []), ...(check.not ? [check.not] : [])];
  return [...inside.flatMap(checkNeeds), ...ownNeeds(check)];
}

function ownNeeds({
  field,
  workload,
  endpoints,
  absent,
  stopped,
  rollout,
  http,
  log,
}: Check): PermissionNeed[] {
  if (field) return [read(field.ref)];
  if (absent) return [read(absent.ref)];
  if (rollout) return [read(rollout.ref)];
  if (workload) return [read(workload.ref), ...podNeeds(workload.ref)];
  if (stopped) return [read(stopped.ref), ...podNeeds(stopped.ref)];
  if (log) return [...podNeeds(log.ref), { ...pods(log.ref), verbs: ['get'], subresource: 'log' }];
  if (endpoints) {
    const { namespace } = parseRef(endpoints.ref);
    const slices = { kind: 'endpointslices', group: 'discovery.k8s.io', namespace, verbs: ['list'] };
    return [slices, ...podNeeds(endpoints.are)];
  }
  if (http) {
    const [, namespace, name] = http.service.split('/');
    return [{ kind: 'services', subresource: 'proxy', namespace, name, verbs: ['get'] }];
  }
  return [];
}

function read(text: string): PermissionNeed {
  return { ...parseRef(text), verbs: ['get'] };
}

function pods(text: string): Omit<PermissionNeed, 'verbs'> {
  return { kind: 'pods', group: '', namespace: parseRef(text).namespace };
}

/** Pods are found by their owners, those of a Deployment or CronJob by way of what it owns (src/cluster/pods.ts). */
function podNeeds(text: string): PermissionNeed[] {
  const { kind, namespace } = parseRef(text);
  const listed: PermissionNeed = { ...pods(text), verbs: ['list'] };
  if (/^deployments?$/.test(kind))
    return [listed, { kind: 'replicasets', group: 'apps', namespace, verbs: ['list'] }];
  if (/^cronjobs?$/.test(kind)) return [listed, { kind: 'jobs', group: 'batch', namespace, verbs: ['list'] }];
  return [listed];
}
