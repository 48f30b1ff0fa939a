import type { KubeObject } from '../../../api.ts';
import { clone } from '../../json.ts';
import { badRequest } from '../../status.ts';
import { editable, proxy, readable, status, WRITE } from '../access.ts';
import type { ProxyTarget, ResourceDefinition, Subresource } from '../definition.ts';
import { addDefaultTolerations, admitPod } from './admission.ts';
import { podFieldNames, podFields } from './fields.ts';
import { podAtoms, podLists, podQuantities, podZeros } from './lists.ts';
import { podQuota } from './quota.ts';
import { setRequestsFromLimits } from './resources.ts';
import { setPodSpecDefaults } from './spec/defaults.ts';
import { table } from './table.ts';
import {
  validateEphemeralContainers,
  validatePod,
  validatePodCreate,
  validatePodUpdate,
} from './validation.ts';

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
  access: editable,
  storageVersionHash: 'xPOwRZ+Yhw8=',
  hasStatus: true,
  counted: true,
  subresources: [
    connection('attach', 'PodAttachOptions'),
    { name: 'binding', kind: 'Binding', verbs: ['create'], access: { edit: WRITE } },
    {
      name: 'ephemeralcontainers',
      kind: 'Pod',
      verbs: ['get', 'patch', 'update'],
      access: { edit: ['get', 'patch', 'update'] },
      part: { keep: keepEphemeral, validate: validateEphemeralContainers },
    },
    {
      name: 'eviction',
      kind: 'Eviction',
      group: 'policy',
      version: 'v1',
      verbs: ['create'],
      access: { edit: ['create'] },
    },
    connection('exec', 'PodExecOptions'),
    { name: 'log', kind: 'Pod', verbs: ['get'], access: readable },
    connection('portforward', 'PodPortForwardOptions'),
    proxy('PodProxyOptions'),
    status('Pod'),
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
  prepareUpdate(pod, old) {
    pod.status = old.status;
    addDefaultTolerations(pod.spec);
    pod.spec.priority ??= old.spec.priority;
    pod.spec.preemptionPolicy ??= old.spec.preemptionPolicy;
  },
  prepareStatus(pod, old) {
    pod.status = { qosClass: old.status?.qosClass, ...pod.status };
  },
  deletion: { gracePeriod },
  proxyTarget,
  quota: podQuota,
  lists: podLists,
  atomic: podAtoms,
  quantities: podQuantities,
  zeros: podZeros,
  validate: validatePod,
  validateCreate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  fields: podFields,
  fieldNames: podFieldNames,
  table,
};

function setHostPorts(spec: Record<string, unknown>): void {
  for (const container of (spec.containers ?? []) as { ports?: Record<string, unknown>[] }[]) {
    for (const port of container.ports ?? []) port.hostPort ??= port.containerPort;
  }
}

function connection(name: string, kind: string): Subresource {
  return { name, kind, verbs: ['create', 'get'], access: { edit: ['create', 'get'] } };
}

/** Of the spec only the ephemeral containers are taken from the client. */
function keepEphemeral(pod: KubeObject, old: KubeObject): void {
  // A copy: what is stored is frozen, and defaults are about to be filled in.
  pod.spec = {
    ...(clone(old.spec) as KubeObject['spec']),
    ephemeralContainers: pod.spec?.ephemeralContainers,
  };
  pod.status = old.status;
}

/** Seconds in a hundred years. */
const LIFETIME = 3_155_760_000;

/** Those that run somewhere have one. */
function gracePeriod({ spec, status }: KubeObject, asked?: number): number {
  const isFinished = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  if (!spec?.nodeName || isFinished) return 0;
  const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 30;
  // Less than nothing is one second (rest.BeforeDelete); more than a lifetime is no time that can be written.
  return seconds < 0 ? 1 : Math.min(seconds, LIFETIME);
}

/** Without a port the first that the pod names, else 80. */
function proxyTarget(pod: KubeObject, asked: string): ProxyTarget {
  const ip: string | undefined = pod.status?.podIP;
  if (!ip) throw badRequest('address not allowed');
  const ports = (pod.spec.containers as { ports?: { containerPort: number }[] }[]).flatMap(
    (container) => container.ports ?? [],
  );
  const port = asked === '' ? (ports[0]?.containerPort ?? 80) : Number(asked);
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw badRequest(`invalid port ${JSON.stringify(asked)}`);
  }
  return { ip, port };
}
