/** Autoscalers as autoscaling/v1 shows them: what that version has no field for is JSON in annotations. */
import type { KubeObject } from '../../../api.ts';
import type { OtherVersion } from '../definition.ts';

interface Metric {
  type: string;
  resource?: {
    name: string;
    target?: { averageUtilization?: number };
    current?: { averageUtilization?: number };
  };
}

const prefix = 'autoscaling.alpha.kubernetes.io/';

/** Annotation → where its content stands in autoscaling/v2. */
const kept: Record<string, (autoscaler: KubeObject) => [KubeObject['spec'], string]> = {
  metrics: ({ spec }) => [spec, 'metrics'],
  behavior: ({ spec }) => [spec, 'behavior'],
  conditions: ({ status }) => [status, 'conditions'],
  'current-metrics': ({ status }) => [status, 'currentMetrics'],
};

/** The version that `kubectl autoscale` of old writes: the same stored objects. */
export const autoscalerV1: OtherVersion = {
  version: 'v1',
  model: 'V1HorizontalPodAutoscaler',
  view: { show, read },
};

const cpuUtilization = (metrics: Metric[] = []) =>
  metrics.find(
    ({ resource }) => resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined,
  );

function show({ metadata, spec, status, ...rest }: KubeObject): KubeObject {
  const { metrics = [], behavior, ...simple } = spec;
  const { currentMetrics, conditions, ...counts } = status ?? {};
  const cpu: Metric | undefined = cpuUtilization(metrics);
  const others = metrics.filter((metric: Metric) => metric !== cpu);
  const used = (currentMetrics ?? []).find(
    ({ resource }: Metric) => resource?.name === 'cpu' && resource.current?.averageUtilization !== undefined,
  )?.resource.current.averageUtilization;
  const annotations = {
    ...metadata.annotations,
    ...written('metrics', others),
    ...written('behavior', behavior),
    ...written('conditions', conditions),
    ...written('current-metrics', currentMetrics),
  };
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      ...simple,
      ...(cpu && { targetCPUUtilizationPercentage: cpu.resource?.target?.averageUtilization }),
    },
    status: {
      currentReplicas: 0,
      ...counts,
      ...(used !== undefined && { currentCPUUtilizationPercentage: used }),
    },
  };
}

function written(name: string, value: unknown[] | object | null | undefined): Record<string, string> {
  const isEmpty = !value || (Array.isArray(value) && value.length === 0);
  return isEmpty ? {} : { [prefix + name]: JSON.stringify(value) };
}

function read({ metadata, spec, status, ...rest }: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: percent, ...simple } = spec ?? {};
  const { currentCPUUtilizationPercentage: _, ...counts } = status ?? {};
  const autoscaler: KubeObject = {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, annotations: { ...metadata?.annotations } },
    spec: simple,
    status: { currentMetrics: null, ...counts },
  };
  const annotations = autoscaler.metadata.annotations!;
  for (const [name, place] of Object.entries(kept)) {
    const text = annotations[prefix + name];
    if (text === undefined) continue;
    const [target, field] = place(autoscaler);
    const value = parsed(text);
    // Annotations that are no JSON are dropped, as the real conversion drops them.
    if (value !== undefined) target[field] = value;
    delete annotations[prefix + name];
  }
  if (Object.keys(annotations).length === 0) delete autoscaler.metadata.annotations;
  if (percent !== undefined)
    autoscaler.spec.metrics = [...(autoscaler.spec.metrics ?? []), utilization('cpu', percent)];
  return autoscaler;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A metric that wants this percentage of the requests to be used. */
export function utilization(name: string, averageUtilization: number): Record<string, unknown> {
  return { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } };
}
