import type { V1Container, V1ContainerStatus } from '@kubernetes/client-node';
import type { Json } from '../../../kubernetes.ts';
import { quantityNumber } from '../../../quantity.ts';
import type { KubeObject } from '../../api.ts';
import { type CollectedSample, sampleOf } from './collector.ts';
import { resourceLabels } from './kube-state-capacity.ts';

const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];

type ContainerStatus = Json<V1ContainerStatus>;

type Container = V1Container;

/** What kube-state-metrics says about a pod. */
export function* podMetrics({ metadata, spec, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', pod: metadata.name, uid: metadata.uid };
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  yield sampleOf(
    'kube_pod_info',
    {
      ...labels,
      node: spec?.nodeName ?? '',
      pod_ip: status.podIP ?? '',
      host_ip: status.hostIP ?? '',
      host_network: String(spec?.hostNetwork ?? false),
      priority_class: spec?.priorityClassName ?? '',
      created_by_kind: owner?.kind ?? '',
      created_by_name: owner?.name ?? '',
    },
    1,
  );
  if (owner) {
    const ownerLabels = { owner_kind: owner.kind, owner_name: owner.name, owner_is_controller: 'true' };
    yield sampleOf('kube_pod_owner', { ...labels, ...ownerLabels }, 1);
  }
  yield sampleOf('kube_pod_created', labels, Date.parse(metadata.creationTimestamp) / 1000);
  if (metadata.deletionTimestamp) {
    yield sampleOf('kube_pod_deletion_timestamp', labels, Date.parse(metadata.deletionTimestamp) / 1000);
  }
  for (const phase of PHASES) {
    yield sampleOf('kube_pod_status_phase', { ...labels, phase }, (status.phase ?? 'Pending') === phase);
  }
  if (status.reason) yield sampleOf('kube_pod_status_reason', { ...labels, reason: status.reason }, 1);
  yield* readiness(labels, status.conditions ?? []);
  for (const container of (status.containerStatuses ?? []) as ContainerStatus[])
    yield* containerState('kube_pod_container', labels, container);
  for (const container of (status.initContainerStatuses ?? []) as ContainerStatus[])
    yield* containerState('kube_pod_init_container', labels, container);
  for (const container of (spec?.containers ?? []) as Container[]) {
    yield* containerResources(
      { ...labels, container: container.name, node: spec?.nodeName ?? '' },
      container,
    );
  }
}

function* readiness(
  labels: Record<string, string>,
  conditions: readonly { type: string; status: string; reason?: string }[],
): Generator<CollectedSample> {
  const metrics: Record<string, string> = {
    Ready: 'kube_pod_status_ready',
    PodScheduled: 'kube_pod_status_scheduled',
  };
  for (const { type, status, reason } of conditions) {
    const metric = metrics[type];
    if (!metric) continue;
    for (const condition of ['true', 'false', 'unknown']) {
      yield sampleOf(metric, { ...labels, condition }, status.toLowerCase() === condition);
    }
    if (type === 'PodScheduled' && reason === 'Unschedulable')
      yield sampleOf('kube_pod_status_unschedulable', labels, 1);
  }
}

/** @param prefix `kube_pod_container` or `kube_pod_init_container`: both have the same metrics. */
function* containerState(
  prefix: string,
  pod: Record<string, string>,
  container: ContainerStatus,
): Generator<CollectedSample> {
  const { state = {}, lastState = {} } = container;
  const labels = { ...pod, container: container.name };
  const image = {
    image: container.image,
    image_id: container.imageID ?? '',
    container_id: container.containerID ?? '',
  };
  yield sampleOf(`${prefix}_info`, { ...labels, ...image }, 1);
  yield sampleOf(`${prefix}_status_ready`, labels, container.ready);
  yield sampleOf(`${prefix}_status_restarts_total`, labels, container.restartCount);
  yield sampleOf(`${prefix}_status_running`, labels, state.running !== undefined);
  yield sampleOf(`${prefix}_status_waiting`, labels, state.waiting !== undefined);
  yield sampleOf(`${prefix}_status_terminated`, labels, state.terminated !== undefined);
  const reasons: [string, string | undefined][] = [
    [`${prefix}_status_waiting_reason`, state.waiting?.reason],
    [`${prefix}_status_terminated_reason`, state.terminated?.reason],
    [`${prefix}_status_last_terminated_reason`, lastState.terminated?.reason],
  ];
  for (const [metric, reason] of reasons) if (reason) yield sampleOf(metric, { ...labels, reason }, 1);
  const exitCode = lastState.terminated?.exitCode;
  if (exitCode !== undefined) yield sampleOf(`${prefix}_status_last_terminated_exitcode`, labels, exitCode);
}

function* containerResources(
  labels: Record<string, string>,
  { resources }: Container,
): Generator<CollectedSample> {
  const metrics = {
    requests: 'kube_pod_container_resource_requests',
    limits: 'kube_pod_container_resource_limits',
  } as const;
  for (const kind of ['requests', 'limits'] as const) {
    for (const [resource, amount] of Object.entries(resources?.[kind] ?? {})) {
      yield sampleOf(
        metrics[kind],
        { ...labels, ...resourceLabels(resource) },
        quantityNumber(amount) ?? Number.NaN,
      );
    }
  }
}
