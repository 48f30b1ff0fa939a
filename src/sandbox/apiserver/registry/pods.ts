import { admitLimits } from '../admission/limit-ranges.ts';
import { validatePod, validatePodUpdate } from '../validation/pods.ts';
import type { ResourceDefinition } from './definition.ts';
import { addDefaultTolerations, admitPod } from './pod-admission.ts';
import { podFieldNames, podFields } from './pod-fields.ts';
import { setRequestsFromLimits } from './pod-resources.ts';
import { setPodSpecDefaults } from './pod-spec-defaults.ts';

export const pods: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Pod',
  storageVersionHash: 'xPOwRZ+Yhw8=',
  hasStatus: true,
  counted: true,
  subresources: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
    { name: 'proxy', kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
    { name: 'status', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
  ],
  setDefaults(pod) {
    pod.spec ??= {};
    setPodSpecDefaults(pod.spec);
    if (pod.spec.enableServiceLinks === undefined) pod.spec.enableServiceLinks = true;
    // Less than nothing is kept as the shortest time that there is.
    if (pod.spec.terminationGracePeriodSeconds < 0) pod.spec.terminationGracePeriodSeconds = 1;
    if (pod.spec.hostNetwork) setHostPorts(pod.spec);
    setRequestsFromLimits(pod.spec);
  },
  prepareCreate(pod) {
    pod.status = { phase: 'Pending' };
  },
  admit: admitPod,
  review: admitLimits,
  prepareUpdate(pod, old) {
    pod.status = old.status;
    addDefaultTolerations(pod.spec);
    pod.spec.priority ??= old.spec.priority;
    pod.spec.preemptionPolicy ??= old.spec.preemptionPolicy;
  },
  prepareStatus(pod, old) {
    pod.status = { qosClass: old.status?.qosClass, ...pod.status };
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  fields: podFields,
  fieldNames: podFieldNames,
};

function setHostPorts(spec: Record<string, unknown>): void {
  for (const container of (spec.containers ?? []) as { ports?: Record<string, unknown>[] }[]) {
    for (const port of container.ports ?? []) port.hostPort ??= port.containerPort;
  }
}
