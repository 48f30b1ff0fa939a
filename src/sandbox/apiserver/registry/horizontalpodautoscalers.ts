import type { KubeObject } from '../../api.ts';
import { validateAutoscaler } from '../validation/autoscaling.ts';
import { autoscalerV1, utilization } from './autoscaler-view.ts';
import type { ResourceDefinition } from './definition.ts';
import { fallback } from './pod-spec-defaults.ts';

export const horizontalpodautoscalers: ResourceDefinition = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  model: 'V2HorizontalPodAutoscaler',
  storageVersionHash: 'qwQve8ut294=',
  hasStatus: true,
  subresources: [{ name: 'status', kind: 'HorizontalPodAutoscaler', verbs: ['get', 'patch', 'update'] }],
  setDefaults({ spec }) {
    fallback(spec, 'minReplicas', 1);
    if (!spec.metrics?.length) spec.metrics = [utilization('cpu', 80)];
    if (spec.behavior) setBehaviorDefaults(spec.behavior);
  },
  prepareCreate(autoscaler) {
    autoscaler.status = { desiredReplicas: 0, currentMetrics: null };
  },
  validate: validateAutoscaler,
};

/** The version that `kubectl autoscale` of old writes: the same stored objects. */
export const horizontalpodautoscalersV1: ResourceDefinition = {
  ...horizontalpodautoscalers,
  version: 'v1',
  model: 'V1HorizontalPodAutoscaler',
  view: autoscalerV1,
};

/** Of a behavior that is given, what is left out is filled in for both directions. */
function setBehaviorDefaults(behavior: KubeObject['spec']): void {
  const percent = { type: 'Percent', value: 100, periodSeconds: 15 };
  const pods = { type: 'Pods', value: 4, periodSeconds: 15 };
  behavior.scaleUp = { stabilizationWindowSeconds: 0, ...rules([pods, percent], behavior.scaleUp) };
  behavior.scaleDown = rules([percent], behavior.scaleDown);
}

function rules(policies: unknown[], given: Record<string, unknown> | undefined): Record<string, unknown> {
  return { selectPolicy: 'Max', policies, ...given };
}
