import type { Api, KubeObject } from '../../api.ts';
import { type CollectedSample, sampleOf } from './collector.ts';
import {
  autoscalerMetrics,
  budgetMetrics,
  claimMetrics,
  nodeMetrics,
  quotaMetrics,
  volumeMetrics,
} from './kube-state-capacity.ts';
import { conditions } from './kube-state-conditions.ts';
import { podMetrics } from './kube-state-pods.ts';

/**
 * The state of objects as metrics, with names and labels of kube-state-metrics (docs/metrics of
 * kubernetes/kube-state-metrics). Resources this API server does not have are left out.
 */
export function* kubeStateMetrics(api: Api): Generator<CollectedSample> {
  const available = new Set(api.resources());
  for (const [resource, metrics] of Object.entries(EXPORTERS)) {
    if (!available.has(resource)) continue;
    for (const object of api.list(resource)) yield* metrics(object);
  }
}

const EXPORTERS: Record<string, (object: KubeObject) => Iterable<CollectedSample>> = {
  pods: podMetrics,
  'deployments.apps': deploymentMetrics,
  'replicasets.apps': replicaSetMetrics,
  'statefulsets.apps': statefulSetMetrics,
  'daemonsets.apps': daemonSetMetrics,
  'jobs.batch': jobMetrics,
  'cronjobs.batch': cronJobMetrics,
  nodes: nodeMetrics,
  namespaces: namespaceMetrics,
  services: serviceMetrics,
  endpoints: endpointMetrics,
  'horizontalpodautoscalers.autoscaling': autoscalerMetrics,
  'poddisruptionbudgets.policy': budgetMetrics,
  resourcequotas: quotaMetrics,
  persistentvolumeclaims: claimMetrics,
  persistentvolumes: volumeMetrics,
};

/** Seconds since epoch. */
function seconds(timestamp: string): number {
  return Date.parse(timestamp) / 1000;
}

function* deploymentMetrics(object: KubeObject): Generator<CollectedSample> {
  const { metadata, spec, status = {} } = object;
  const labels = { namespace: metadata.namespace ?? '', deployment: metadata.name };
  yield sampleOf('kube_deployment_created', labels, seconds(metadata.creationTimestamp));
  yield sampleOf('kube_deployment_metadata_generation', labels, metadata.generation ?? 1);
  yield sampleOf('kube_deployment_spec_replicas', labels, spec?.replicas ?? 1);
  yield sampleOf('kube_deployment_spec_paused', labels, spec?.paused ?? false);
  yield sampleOf('kube_deployment_status_replicas', labels, status.replicas ?? 0);
  yield sampleOf('kube_deployment_status_replicas_ready', labels, status.readyReplicas ?? 0);
  yield sampleOf('kube_deployment_status_replicas_available', labels, status.availableReplicas ?? 0);
  yield sampleOf('kube_deployment_status_replicas_unavailable', labels, status.unavailableReplicas ?? 0);
  yield sampleOf('kube_deployment_status_replicas_updated', labels, status.updatedReplicas ?? 0);
  yield sampleOf('kube_deployment_status_observed_generation', labels, status.observedGeneration ?? 0);
  yield* conditions('kube_deployment_status_condition', labels, object);
}

function* replicaSetMetrics({ metadata, spec, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', replicaset: metadata.name };
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  yield sampleOf('kube_replicaset_spec_replicas', labels, spec?.replicas ?? 1);
  yield sampleOf('kube_replicaset_status_replicas', labels, status.replicas ?? 0);
  yield sampleOf('kube_replicaset_status_ready_replicas', labels, status.readyReplicas ?? 0);
  yield sampleOf(
    'kube_replicaset_owner',
    {
      ...labels,
      owner_kind: owner?.kind ?? '',
      owner_name: owner?.name ?? '',
      owner_is_controller: owner ? 'true' : '',
    },
    1,
  );
}

function* statefulSetMetrics({ metadata, spec, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', statefulset: metadata.name };
  yield sampleOf('kube_statefulset_replicas', labels, spec?.replicas ?? 1);
  yield sampleOf('kube_statefulset_status_replicas', labels, status.replicas ?? 0);
  yield sampleOf('kube_statefulset_status_replicas_ready', labels, status.readyReplicas ?? 0);
  yield sampleOf('kube_statefulset_status_replicas_available', labels, status.availableReplicas ?? 0);
  yield sampleOf('kube_statefulset_status_replicas_updated', labels, status.updatedReplicas ?? 0);
  yield sampleOf('kube_statefulset_metadata_generation', labels, metadata.generation ?? 1);
  yield sampleOf('kube_statefulset_status_observed_generation', labels, status.observedGeneration ?? 0);
}

function* daemonSetMetrics({ metadata, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', daemonset: metadata.name };
  const counts = { desired: 'desiredNumberScheduled', current: 'currentNumberScheduled' };
  for (const [name, field] of Object.entries(counts)) {
    yield sampleOf(`kube_daemonset_status_${name}_number_scheduled`, labels, status[field] ?? 0);
  }
  yield sampleOf('kube_daemonset_status_number_misscheduled', labels, status.numberMisscheduled ?? 0);
  yield sampleOf(
    'kube_daemonset_status_updated_number_scheduled',
    labels,
    status.updatedNumberScheduled ?? 0,
  );
  yield sampleOf('kube_daemonset_status_number_ready', labels, status.numberReady ?? 0);
  yield sampleOf('kube_daemonset_status_number_available', labels, status.numberAvailable ?? 0);
  yield sampleOf('kube_daemonset_status_number_unavailable', labels, status.numberUnavailable ?? 0);
}

function* jobMetrics({ metadata, spec, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', job_name: metadata.name };
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  yield sampleOf('kube_job_info', labels, 1);
  yield sampleOf('kube_job_created', labels, seconds(metadata.creationTimestamp));
  yield sampleOf('kube_job_spec_parallelism', labels, spec?.parallelism ?? 1);
  if (spec?.completions !== undefined) yield sampleOf('kube_job_spec_completions', labels, spec.completions);
  yield sampleOf('kube_job_status_active', labels, status.active ?? 0);
  yield sampleOf('kube_job_status_succeeded', labels, status.succeeded ?? 0);
  yield sampleOf('kube_job_status_failed', labels, status.failed ?? 0);
  if (status.startTime) yield sampleOf('kube_job_status_start_time', labels, seconds(status.startTime));
  if (status.completionTime)
    yield sampleOf('kube_job_status_completion_time', labels, seconds(status.completionTime));
  yield sampleOf('kube_job_spec_suspend', labels, spec?.suspend ?? false);
  if (owner)
    yield sampleOf('kube_job_owner', { ...labels, owner_kind: owner.kind, owner_name: owner.name }, 1);
  const finished: { type: string; status: string }[] = status.conditions ?? [];
  for (const { type, status: value } of finished) {
    const metric = { Complete: 'kube_job_complete', Failed: 'kube_job_failed' }[type];
    if (metric) yield sampleOf(metric, { ...labels, condition: value.toLowerCase() }, 1);
  }
}

function* cronJobMetrics({ metadata, spec, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', cronjob: metadata.name };
  const { schedule = '', concurrencyPolicy = 'Allow' } = spec ?? {};
  yield sampleOf('kube_cronjob_info', { ...labels, schedule, concurrency_policy: concurrencyPolicy }, 1);
  yield sampleOf('kube_cronjob_created', labels, seconds(metadata.creationTimestamp));
  yield sampleOf('kube_cronjob_spec_suspend', labels, spec?.suspend ?? false);
  yield sampleOf('kube_cronjob_status_active', labels, status.active?.length ?? 0);
  if (status.lastScheduleTime) {
    yield sampleOf('kube_cronjob_status_last_schedule_time', labels, seconds(status.lastScheduleTime));
  }
  if (status.lastSuccessfulTime) {
    yield sampleOf('kube_cronjob_status_last_successful_time', labels, seconds(status.lastSuccessfulTime));
  }
}

function* namespaceMetrics({ metadata, status }: KubeObject): Generator<CollectedSample> {
  for (const phase of ['Active', 'Terminating']) {
    const labels = { namespace: metadata.name, phase };
    yield sampleOf('kube_namespace_status_phase', labels, (status?.phase ?? 'Active') === phase);
  }
}

function* serviceMetrics({ metadata, spec }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', service: metadata.name };
  yield sampleOf('kube_service_info', { ...labels, cluster_ip: spec?.clusterIP ?? '' }, 1);
  yield sampleOf('kube_service_spec_type', { ...labels, type: spec?.type ?? 'ClusterIP' }, 1);
}

interface Subset {
  addresses?: { ip: string }[];
  notReadyAddresses?: { ip: string }[];
  ports?: { name?: string; port: number; protocol?: string }[];
}

function* endpointMetrics({ metadata, subsets = [] }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', endpoint: metadata.name };
  yield sampleOf('kube_endpoint_info', labels, 1);
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets as Subset[]) {
    const all = [
      ...addresses.map(({ ip }) => [ip, 'true']),
      ...notReadyAddresses.map(({ ip }) => [ip, 'false']),
    ];
    for (const [ip, ready] of all as [string, string][]) {
      for (const { name = '', port, protocol = 'TCP' } of ports) {
        const address = { ip, ready, port_name: name, port_number: String(port), port_protocol: protocol };
        yield sampleOf('kube_endpoint_address', { ...labels, ...address }, 1);
      }
    }
  }
}
