import type { ListType, ZeroValues } from '../definition.ts';

/** Lists of Pods, and of templates of Pods in other kinds. */
export const podLists: Record<string, ListType> = {
  'V1PodSpec.volumes': { merge: 'name', retainKeys: true, keys: ['name'] },
  'V1PodSpec.initContainers': { merge: 'name', keys: ['name'] },
  'V1PodSpec.containers': { merge: 'name', keys: ['name'] },
  'V1PodSpec.ephemeralContainers': { merge: 'name', keys: ['name'] },
  'V1PodSpec.imagePullSecrets': { merge: 'name', keys: ['name'] },
  'V1PodSpec.hostAliases': { merge: 'ip', keys: ['ip'] },
  'V1PodSpec.topologySpreadConstraints': { merge: 'topologyKey', keys: ['topologyKey', 'whenUnsatisfiable'] },
  'V1PodSpec.schedulingGates': { merge: 'name' },
  'V1PodSpec.resourceClaims': { merge: 'name' },
  'V1Container.ports': { merge: 'containerPort', keys: ['containerPort', 'protocol'] },
  'V1Container.env': { merge: 'name', keys: ['name'] },
  'V1Container.volumeMounts': { merge: 'mountPath', keys: ['mountPath'] },
  'V1Container.volumeDevices': { merge: 'devicePath' },
  'V1EphemeralContainer.ports': { merge: 'containerPort' },
  'V1EphemeralContainer.env': { merge: 'name', keys: ['name'] },
  'V1EphemeralContainer.volumeMounts': { merge: 'mountPath', keys: ['mountPath'] },
  'V1EphemeralContainer.volumeDevices': { merge: 'devicePath' },
  'V1PodStatus.conditions': { merge: 'type', keys: ['type'] },
  'V1PodStatus.podIPs': { merge: 'ip' },
  'V1PodStatus.hostIPs': { merge: 'ip' },
};

/** What is written and owned as a whole. */
export const podAtoms = [
  'V1PodSpec.nodeSelector',
  'V1NodeSelector',
  'V1ObjectFieldSelector',
  'V1ResourceFieldSelector',
  'V1ConfigMapKeySelector',
  'V1SecretKeySelector',
];

export const podQuantities = [
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1ContainerStatus.allocatedResources',
  'V1PodStatus.allocatedResources',
  'V1PodSpec.overhead',
  'V1EmptyDirVolumeSource.sizeLimit',
  'V1ResourceFieldSelector.divisor',
];

export const podZeros: ZeroValues = {
  omitted: [
    'V1ContainerPort.hostPort',
    'V1ContainerStateTerminated.signal',
    'V1Probe.failureThreshold',
    'V1Probe.initialDelaySeconds',
    'V1Probe.periodSeconds',
    'V1Probe.successThreshold',
    'V1Probe.timeoutSeconds',
  ],
  kept: ['V1HostPathVolumeSource.type', 'V1GRPCAction.service', 'V1PodSpec.runtimeClassName'],
  written: {
    V1ContainerStateRunning: { startedAt: null },
    V1ContainerStateTerminated: { startedAt: null, finishedAt: null },
    V1ContainerStatus: { state: {}, lastState: {} },
    V1PodCondition: { lastProbeTime: null, lastTransitionTime: null },
  },
};
