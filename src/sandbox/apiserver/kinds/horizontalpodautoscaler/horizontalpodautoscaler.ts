import type { KubeObject } from '../../../api.ts';
import { fallback } from '../../json.ts';
import { age } from '../../table/duration.ts';
import { ageColumn, column, nameColumn } from '../../table/printer.ts';
import { editable, status } from '../access.ts';
import type { ResourceDefinition } from '../definition.ts';
import { autoscalerV1, utilization } from './v1.ts';
import { validateAutoscaler } from './validation.ts';

interface Amount {
  averageUtilization?: number;
  averageValue?: string;
  value?: string;
}

type Metric = { type: string } & Record<
  string,
  { name?: string; current?: Amount; target?: Amount } | undefined
>;

const sourceOf = (metric: Metric | undefined) =>
  metric?.[metric.type.charAt(0).toLowerCase() + metric.type.slice(1)];

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
  zeros: {
    omitted: ['V2HorizontalPodAutoscalerStatus.currentReplicas'],
    written: {
      V1HorizontalPodAutoscalerStatus: { currentReplicas: 0, desiredReplicas: 0 },
      V2HorizontalPodAutoscalerStatus: { desiredReplicas: 0, currentMetrics: null },
    },
  },
  quantities: [
    'V2HPAScalingRules.tolerance',
    ...['V2MetricTarget', 'V2MetricValueStatus'].flatMap((model) => [
      `${model}.value`,
      `${model}.averageValue`,
    ]),
  ],
  lists: {
    'V2HorizontalPodAutoscalerStatus.conditions': { merge: 'type', keys: ['type'] },
  },
  access: editable,
  storageVersionHash: 'qwQve8ut294=',
  hasStatus: true,
  subresources: [status('HorizontalPodAutoscaler')],
  setDefaults({ spec }) {
    fallback(spec, 'minReplicas', 1);
    if (!spec.metrics?.length) spec.metrics = [utilization('cpu', 80)];
    if (spec.behavior) setBehaviorDefaults(spec.behavior);
  },
  prepareCreate(autoscaler) {
    autoscaler.status = { desiredReplicas: 0, currentMetrics: null };
  },
  validate: validateAutoscaler,
  versions: [autoscalerV1],
  table: {
    columns: [
      nameColumn,
      column(
        'Reference',
        'scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.',
      ),
      column('Targets', 'V2HorizontalPodAutoscalerSpec.metrics'),
      column('MinPods', 'V2HorizontalPodAutoscalerSpec.minReplicas'),
      column('MaxPods', 'V2HorizontalPodAutoscalerSpec.maxReplicas'),
      column('Replicas', 'V2HorizontalPodAutoscalerStatus.currentReplicas'),
      ageColumn,
    ],
    row: ({ metadata, spec, status }, now) => [
      metadata.name,
      `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
      targets(spec.metrics ?? [], status?.currentMetrics ?? []),
      String(spec.minReplicas ?? '<unset>'),
      spec.maxReplicas,
      status?.currentReplicas ?? 0,
      age(metadata.creationTimestamp, now),
    ],
  },
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

/** Two metrics and how many there are beside; of each what is seen and what is wanted. */
function targets(wanted: Metric[], seen: Metric[]): string {
  if (wanted.length === 0) return '<none>';
  const texts = wanted.slice(0, 2).map((metric, index) => {
    const { name, target = {} } = sourceOf(metric) ?? {};
    const current = sourceOf(seen[index])?.current ?? {};
    const isPercent = target.averageUtilization !== undefined;
    const percent = (value: number | undefined) => (value === undefined ? undefined : `${value}%`);
    const text = isPercent
      ? `${percent(current.averageUtilization) ?? '<unknown>'}/${percent(target.averageUtilization)}`
      : `${current.averageValue ?? current.value ?? '<unknown>'}/${target.averageValue ?? target.value}`;
    const suffix =
      !isPercent && metric.type !== 'Resource' && target.averageValue !== undefined ? ' (avg)' : '';
    return name ? `${name}: ${text}${suffix}` : `${text}${suffix}`;
  });
  const more = wanted.length - texts.length;
  return texts.join(', ') + (more > 0 ? ` + ${more} more...` : '');
}
