import { quantityNumber } from '../../../quantity.ts';
import type { KubeObject } from '../../api.ts';
import { type CollectedSample, sampleOf } from './collector.ts';
import { conditions } from './kube-state-conditions.ts';

/** What kube-state-metrics says about what there is room for: nodes, quotas, volumes, autoscalers, budgets. */

const amount = (quantity: unknown): number => quantityNumber(String(quantity)) ?? Number.NaN;

const seconds = (timestamp: string): number => Date.parse(timestamp) / 1000;

/** A resource as kube-state-metrics names it, with the unit in which it counts. */
export function resourceLabels(resource: string): { resource: string; unit: string } {
  const unit = resource === 'cpu' ? 'core' : /memory|storage/.test(resource) ? 'byte' : 'integer';
  return { resource: resource.replace(/\W/g, '_'), unit };
}

export function* nodeMetrics(object: KubeObject): Generator<CollectedSample> {
  const { metadata, spec, status } = object;
  const labels = { node: metadata.name };
  yield sampleOf('kube_node_info', labels, 1);
  yield sampleOf('kube_node_created', labels, seconds(metadata.creationTimestamp));
  yield sampleOf('kube_node_spec_unschedulable', labels, spec?.unschedulable ?? false);
  yield* conditions('kube_node_status_condition', labels, object);
  const taints: { key: string; value?: string; effect: string }[] = spec?.taints ?? [];
  for (const { key, value = '', effect } of taints) {
    yield sampleOf('kube_node_spec_taint', { ...labels, key, value, effect }, 1);
  }
  for (const kind of ['capacity', 'allocatable'] as const) {
    for (const [resource, quantity] of Object.entries(status?.[kind] ?? {}))
      yield sampleOf(
        `kube_node_status_${kind}`,
        { ...labels, ...resourceLabels(resource) },
        amount(quantity),
      );
  }
}

export function* quotaMetrics({ metadata, spec, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', resourcequota: metadata.name };
  yield sampleOf('kube_resourcequota_created', labels, seconds(metadata.creationTimestamp));
  for (const [type, amounts] of [
    ['hard', status.hard ?? spec?.hard],
    ['used', status.used],
  ] as const) {
    for (const [resource, quantity] of Object.entries(amounts ?? {}))
      yield sampleOf('kube_resourcequota', { ...labels, resource, type }, amount(quantity));
  }
}

export function* claimMetrics({ metadata, spec, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', persistentvolumeclaim: metadata.name };
  yield sampleOf(
    'kube_persistentvolumeclaim_info',
    { ...labels, storageclass: spec?.storageClassName ?? '', volumename: spec?.volumeName ?? '' },
    1,
  );
  for (const phase of ['Pending', 'Bound', 'Lost'])
    yield sampleOf('kube_persistentvolumeclaim_status_phase', { ...labels, phase }, status.phase === phase);
  const requested = spec?.resources?.requests?.storage;
  if (requested !== undefined)
    yield sampleOf('kube_persistentvolumeclaim_resource_requests_storage_bytes', labels, amount(requested));
}

export function* volumeMetrics({ metadata, spec, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { persistentvolume: metadata.name };
  for (const phase of ['Pending', 'Available', 'Bound', 'Released', 'Failed'])
    yield sampleOf('kube_persistentvolume_status_phase', { ...labels, phase }, status.phase === phase);
  yield sampleOf('kube_persistentvolume_capacity_bytes', labels, amount(spec?.capacity?.storage));
}

export function* autoscalerMetrics(object: KubeObject): Generator<CollectedSample> {
  const { metadata, spec, status = {} } = object;
  const labels = { namespace: metadata.namespace ?? '', horizontalpodautoscaler: metadata.name };
  const target = spec?.scaleTargetRef ?? {};
  yield sampleOf(
    'kube_horizontalpodautoscaler_info',
    { ...labels, scaletargetref_kind: target.kind ?? '', scaletargetref_name: target.name ?? '' },
    1,
  );
  yield sampleOf('kube_horizontalpodautoscaler_spec_min_replicas', labels, spec?.minReplicas ?? 1);
  yield sampleOf('kube_horizontalpodautoscaler_spec_max_replicas', labels, spec?.maxReplicas ?? 0);
  yield sampleOf('kube_horizontalpodautoscaler_status_current_replicas', labels, status.currentReplicas ?? 0);
  yield sampleOf('kube_horizontalpodautoscaler_status_desired_replicas', labels, status.desiredReplicas ?? 0);
  yield* conditions('kube_horizontalpodautoscaler_status_condition', labels, object);
}

export function* budgetMetrics({ metadata, status = {} }: KubeObject): Generator<CollectedSample> {
  const labels = { namespace: metadata.namespace ?? '', poddisruptionbudget: metadata.name };
  const counts = {
    current_healthy: status.currentHealthy,
    desired_healthy: status.desiredHealthy,
    expected_pods: status.expectedPods,
    pod_disruptions_allowed: status.disruptionsAllowed,
  };
  for (const [name, count] of Object.entries(counts))
    yield sampleOf(`kube_poddisruptionbudget_status_${name}`, labels, count ?? 0);
}
