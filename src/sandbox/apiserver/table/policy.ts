/** The columns of HorizontalPodAutoscalers, PodDisruptionBudgets, ResourceQuotas and LimitRanges. */
import type { KubeObject } from '../../api.ts';
import { age } from './duration.ts';
import { ageColumn, column, nameColumn, type Printer } from './printer.ts';

export const horizontalpodautoscalers: Printer = {
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
};

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

export const poddisruptionbudgets: Printer = {
  columns: [
    nameColumn,
    column('Min Available', 'The minimum number of pods that must be available.'),
    column('Max Unavailable', 'The maximum number of pods that may be unavailable.'),
    column('Allowed Disruptions', 'Calculated number of pods that may be disrupted at this time.', {
      type: 'integer',
    }),
    ageColumn,
  ],
  row: ({ metadata, spec, status }, now) => [
    metadata.name,
    String(spec.minAvailable ?? 'N/A'),
    String(spec.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
    age(metadata.creationTimestamp, now),
  ],
};

export const resourcequotas: Printer = {
  columns: [
    nameColumn,
    column('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.'),
    column(
      'Limit',
      'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
    ),
    ageColumn,
  ],
  row: (quota, now) => [
    quota.metadata.name,
    usage(quota, (name) => !name.startsWith('limits')),
    usage(quota, (name) => name.startsWith('limits')),
    age(quota.metadata.creationTimestamp, now),
  ],
};

function usage({ status }: KubeObject, isShown: (name: string) => boolean): string {
  const hard: Record<string, string> = status?.hard ?? {};
  const names = Object.keys(hard).filter(isShown).sort();
  return names.map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${hard[name]}`).join(', ');
}

/** As roles, they show when they were made as a time. */
export const limitranges: Printer = {
  columns: [nameColumn, column('Created At', 'V1ObjectMeta.creationTimestamp', { type: 'date' })],
  row: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
};
