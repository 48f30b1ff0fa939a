/**
 * Which zero values the server writes and which it leaves out. In Kubernetes this is decided per Go field: a plain
 * value marked omitempty is left out when it is zero, a pointer is kept. The generated models do not tell.
 */

/** Booleans that are no pointers: false is the same as absent. */
const plainBooleans = new Set([
  'readOnly',
  'stdin',
  'stdinOnce',
  'tty',
  'paused',
  'unschedulable',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'publishNotReadyAddresses',
  'denied',
  'authenticated',
  'chapAuthDiscovery',
  'chapAuthSession',
  'sslEnabled',
]);

/** Numbers that are no pointers: 0 is the same as absent. */
const plainNumbers = new Set([
  'CoreV1Event.count',
  'CoreV1EventSeries.count',
  'V1ContainerPort.hostPort',
  'V1ContainerStateTerminated.signal',
  'V1DaemonSetSpec.minReadySeconds',
  'V1DaemonSetStatus.numberAvailable',
  'V1DaemonSetStatus.numberUnavailable',
  'V1DaemonSetStatus.updatedNumberScheduled',
  'V1DeploymentSpec.minReadySeconds',
  'V1DeploymentStatus.availableReplicas',
  'V1DeploymentStatus.readyReplicas',
  'V1DeploymentStatus.replicas',
  'V1DeploymentStatus.unavailableReplicas',
  'V1DeploymentStatus.updatedReplicas',
  'V1JobStatus.active',
  'V1JobStatus.failed',
  'V1JobStatus.succeeded',
  'V1ObjectMeta.generation',
  'V1Probe.failureThreshold',
  'V1Probe.initialDelaySeconds',
  'V1Probe.periodSeconds',
  'V1Probe.successThreshold',
  'V1Probe.timeoutSeconds',
  'V1ReplicaSetSpec.minReadySeconds',
  'V1ReplicaSetStatus.availableReplicas',
  'V1ReplicaSetStatus.fullyLabeledReplicas',
  'V1ReplicaSetStatus.readyReplicas',
  'V1ScaleSpec.replicas',
  'V1ServicePort.nodePort',
  'V2HorizontalPodAutoscalerStatus.currentReplicas',
  'V1ServiceSpec.healthCheckNodePort',
  'V1StatefulSetSpec.minReadySeconds',
  'V1StatefulSetStatus.currentReplicas',
  'V1StatefulSetStatus.readyReplicas',
  'V1StatefulSetStatus.updatedReplicas',
]);

/** Strings that are pointers, so that an empty one is kept. */
const pointerStrings = new Set([
  'V1HostPathVolumeSource.type',
  'V1GRPCAction.service',
  'DiscoveryV1EndpointPort.name',
  'DiscoveryV1EndpointPort.appProtocol',
  'V1LeaseSpec.holderIdentity',
  'V1LeaseSpec.preferredHolder',
  'V1PodSpec.runtimeClassName',
]);

/** True if a field with this (already decoded) value is left out. */
export function isOmitted(model: string, field: string, required: boolean, value: unknown): boolean {
  if (value === false) return plainBooleans.has(field);
  if (value === 0) return field === 'observedGeneration' || plainNumbers.has(`${model}.${field}`);
  if (value === '') return !required && !pointerStrings.has(`${model}.${field}`);
  return Array.isArray(value) && value.length === 0 && !required;
}

/** Fields that are written even when nobody set them: Go structs without omitempty. */
export const alwaysWritten: Record<string, Record<string, unknown>> = {
  CoreV1Event: {
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  V1ContainerStateRunning: { startedAt: null },
  V1ContainerStateTerminated: { startedAt: null, finishedAt: null },
  V1ContainerStatus: { state: {}, lastState: {} },
  V1PodCondition: { lastProbeTime: null, lastTransitionTime: null },
  V1NodeCondition: { lastHeartbeatTime: null, lastTransitionTime: null },
  V1JobCondition: { lastProbeTime: null, lastTransitionTime: null },
  V1DeploymentCondition: { lastUpdateTime: null, lastTransitionTime: null },
  V1ReplicaSetCondition: { lastTransitionTime: null },
  V1StatefulSetCondition: { lastTransitionTime: null },
  V1DaemonSetCondition: { lastTransitionTime: null },
  V1HorizontalPodAutoscalerStatus: { currentReplicas: 0, desiredReplicas: 0 },
  V1PodDisruptionBudgetStatus: {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  },
  V2HorizontalPodAutoscalerStatus: { desiredReplicas: 0, currentMetrics: null },
  V1EndpointSlice: { endpoints: null, ports: null },
};
