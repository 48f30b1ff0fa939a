import {
  type Container,
  type ContainerRecord,
  type ContainerState,
  ephemeralContainers,
  type Pod,
} from './pod-types.ts';

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  observedGeneration?: number;
  lastProbeTime: null;
  lastTransitionTime: string;
  reason?: string;
  message?: string;
}

export interface PodRecord {
  startTime: string;
  hostIP: string;
  podIP?: string;
  containers: ReadonlyMap<string, ContainerRecord>;
  /** Set when the pod has reached its end: no container runs or will run again. */
  ended: boolean;
  /** Set when the kubelet itself ended the pod, e.g. DeadlineExceeded. */
  failure?: { reason: string; message: string };
}

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** The status of a pod as the kubelet reports it, from what it knows of the containers. */
export function podStatus(pod: Pod, record: PodRecord, now: string): Record<string, unknown> {
  const phase = phaseOf(pod, record);
  const before = (pod.status ?? {}) as { conditions?: Condition[] };
  // A pod that names its node never met the scheduler: that it has a node is the kubelet's to say, too.
  const wanted: Draft[] = [...conditionsOf(pod, record, phase), { type: 'PodScheduled', status: 'True' }];
  const conditions = wanted.map((condition) => {
    const old = before.conditions?.find((candidate) => candidate.type === condition.type);
    const same = old?.status === condition.status;
    const lastTransitionTime = same ? old.lastTransitionTime : now;
    return {
      type: condition.type,
      ...(pod.metadata.generation && { observedGeneration: pod.metadata.generation }),
      status: condition.status,
      lastProbeTime: null,
      lastTransitionTime,
      ...(condition.reason && { reason: condition.reason }),
      ...(condition.message && { message: condition.message }),
    };
  });
  const resources = podResources(pod, record);
  return {
    ...pod.status,
    ...(pod.metadata.generation && { observedGeneration: pod.metadata.generation }),
    phase,
    conditions,
    ...(record.failure && { reason: record.failure.reason, message: record.failure.message }),
    hostIP: record.hostIP,
    hostIPs: [{ ip: record.hostIP }],
    ...(record.podIP && { podIP: record.podIP, podIPs: [{ ip: record.podIP }] }),
    startTime: record.startTime,
    ...(pod.spec.initContainers?.length && {
      initContainerStatuses: pod.spec.initContainers.map((container) => containerStatus(container, record)),
    }),
    containerStatuses: pod.spec.containers.map((container) => containerStatus(container, record)),
    ...ephemeralStatuses(pod, record),
    ...resources,
  };
}

function phaseOf(pod: Pod, record: PodRecord): Phase {
  if (record.failure) return record.ended ? 'Failed' : 'Running';
  const states = pod.spec.containers.map((container) => record.containers.get(container.name)!);
  if (record.ended) {
    const exits = [
      ...(pod.spec.initContainers ?? []).filter((container) => !isSidecar(container)),
      ...pod.spec.containers,
    ];
    const failed = exits.some((container) => exitCode(record.containers.get(container.name)!) !== 0);
    return failed ? 'Failed' : 'Succeeded';
  }
  const begun = states.every(
    ({ state, lastState }) =>
      state.running || (state.terminated && !neverBegan(pod, state)) || lastState.terminated,
  );
  return begun ? 'Running' : 'Pending';
}

/** What could not be started and is not tried again goes from Pending to Failed. */
const neverBegan = (pod: Pod, { terminated }: ContainerRecord['state']) =>
  pod.spec.restartPolicy === 'Never' && terminated?.reason === 'StartError';

function exitCode(record: ContainerRecord): number {
  return (record.state.terminated ?? record.lastState.terminated)?.exitCode ?? -1;
}

export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

type Draft = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

function conditionsOf(pod: Pod, record: PodRecord, phase: Phase): Draft[] {
  const init = pod.spec.initContainers ?? [];
  const incomplete = init.filter(
    (container) => !isInitialized(container, record.containers.get(container.name)!),
  );
  const unready = pod.spec.containers.filter((container) => !record.containers.get(container.name)!.ready);
  const completed = phase === 'Succeeded';
  const over = completed || phase === 'Failed' || allTerminatedForGood(pod, record);
  const endReason = over ? (completed || succeeded(pod, record) ? 'PodCompleted' : 'PodFailed') : undefined;

  const initialized: Draft =
    incomplete.length === 0
      ? {
          type: 'Initialized',
          status: 'True',
          ...(endReason === 'PodCompleted' && { reason: 'PodCompleted' }),
        }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${names(incomplete)}]`,
        };
  const notReady: Pick<Draft, 'reason' | 'message'> = endReason
    ? { reason: endReason }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${names(unready)}]` };
  const ready = unready.length === 0 && incomplete.length === 0 && !endReason && !record.failure;
  const sandbox = record.podIP !== undefined && !record.ended;
  return [
    { type: 'PodReadyToStartContainers', status: sandbox ? 'True' : 'False' },
    initialized,
    ...(['Ready', 'ContainersReady'] as const).map(
      (type): Draft => (ready ? { type, status: 'True' } : { type, status: 'False', ...notReady }),
    ),
  ];
}

/** The containers have ended and will not start again, though the phase does not say so yet. */
function allTerminatedForGood(pod: Pod, record: PodRecord): boolean {
  if (record.failure) return true;
  const states = pod.spec.containers.map((container) => record.containers.get(container.name)!);
  if (!states.every((state) => state.state.terminated)) return false;
  if (pod.metadata.deletionTimestamp) return true;
  const policy = pod.spec.restartPolicy ?? 'Always';
  return policy === 'Never' || (policy === 'OnFailure' && succeeded(pod, record));
}

function succeeded(pod: Pod, record: PodRecord): boolean {
  return (
    !record.failure && pod.spec.containers.every((it) => exitCode(record.containers.get(it.name)!) === 0)
  );
}

function isInitialized(container: Container, record: ContainerRecord): boolean {
  return isSidecar(container) ? record.started : record.state.terminated?.exitCode === 0;
}

function names(containers: Container[]): string {
  return containers.map((container) => container.name).join(' ');
}

function containerStatus(container: Container, record: PodRecord): Record<string, unknown> {
  const known = record.containers.get(container.name)!;
  const begun = known.containerID !== undefined;
  const requests = container.resources?.requests;
  return {
    name: container.name,
    state: clean(known.state),
    lastState: clean(known.lastState),
    ready: known.ready,
    restartCount: known.restartCount,
    image: container.image,
    imageID: known.imageID ?? '',
    ...(begun && { containerID: known.containerID }),
    started: known.started,
    ...(begun && requests && { allocatedResources: requests }),
    ...(begun && { resources: container.resources ?? {} }),
    ...(container.volumeMounts?.length && {
      volumeMounts: container.volumeMounts.map((mount) => ({
        name: mount.name,
        mountPath: mount.mountPath,
        ...(mount.readOnly && { readOnly: true, recursiveReadOnly: 'Disabled' }),
      })),
    }),
    ...(begun && { user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } } }),
  };
}

/** They never count for readiness. */
function ephemeralStatuses(pod: Pod, record: PodRecord): Record<string, unknown> {
  const known = ephemeralContainers(pod).filter(({ name }) => record.containers.has(name));
  if (known.length === 0) return {};
  const statuses = known.map((container) => {
    const { started: _, ...status } = containerStatus(container, record);
    return { ...status, ready: false };
  });
  return { ephemeralContainerStatuses: statuses };
}

function clean(state: ContainerState): ContainerState {
  return JSON.parse(JSON.stringify(state)) as ContainerState;
}

const NO_MEMORY_LIMIT = '9007199254740988Ki';

/**
 * Pod-level sums are reported for one container only. Once it has run and ended by itself, no memory limit is
 * reported as the largest number the kernel knows (seen on Kubernetes 1.36).
 */
function podResources(pod: Pod, record: PodRecord): Record<string, unknown> {
  const [only, ...others] = pod.spec.containers;
  const known = only && record.containers.get(only.name);
  const ended = known?.state.terminated ?? known?.lastState.terminated;
  const unlimited =
    ended && ended.reason !== 'StartError' && !record.failure && !only?.resources?.limits?.memory;
  const whole = others.length === 0 ? only?.resources : undefined;
  const resources = unlimited ? { ...whole, limits: { ...whole?.limits, memory: NO_MEMORY_LIMIT } } : whole;
  return {
    ...(resources?.requests && { allocatedResources: resources.requests }),
    resources: resources ?? {},
  };
}
