import type { ControllerContext } from '../context.ts';
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, Pod } from '../kinds.ts';
import type { Verdict } from './conditions.ts';
import { type Calculation, calculateReplicas } from './replicas.ts';
import { isMissing, podMetrics, podRequest, type ResourceMetric } from './usage.ts';

export interface Proposal {
  /** undefined: no metric could be read, or one could not and the others ask for fewer pods. */
  replicas?: number;
  /** The metric that asks for most. */
  metric: string;
  statuses: MetricStatus[];
  /** For ScalingActive. */
  condition: Verdict;
  error?: string;
}

type Warn = (reason: string, message: string) => void;

/** The largest number of replicas that any metric asks for. */
export function proposeReplicas(
  context: ControllerContext,
  { spec }: HorizontalPodAutoscaler,
  pods: readonly Pod[],
  current: number,
  warn: Warn,
): Proposal {
  const statuses: MetricStatus[] = [];
  let best: { replicas: number; metric: string } | undefined;
  let firstFailure: { reason: string; why: string; error: string } | undefined;
  let failures = 0;
  for (const metric of spec.metrics) {
    const seen = evaluate(context, metric, spec.behavior, pods, current);
    if ('why' in seen) {
      warn(seen.reason, seen.why);
      firstFailure ??= seen;
      failures += 1;
      statuses.push({ type: '' });
      continue;
    }
    statuses.push(seen.status);
    if (!best || seen.replicas > best.replicas) best = seen;
  }
  const error =
    firstFailure &&
    `invalid metrics (${failures} invalid out of ${spec.metrics.length}), first error is: ${firstFailure.error}`;
  if (firstFailure && (!best || best.replicas < current)) {
    const message = `the HPA was unable to compute the replica count: ${firstFailure.why}`;
    return { metric: '', statuses, condition: { value: false, reason: firstFailure.reason, message }, error };
  }
  const { replicas, metric } = best ?? { replicas: current, metric: '' };
  const message = `the HPA was able to successfully calculate a replica count from ${metric}`;
  return {
    replicas,
    metric,
    statuses,
    condition: { value: true, reason: 'ValidMetricFound', message },
    error,
  };
}

type Seen =
  | { replicas: number; metric: string; status: MetricStatus }
  | { reason: string; why: string; error: string };

function evaluate(
  context: ControllerContext,
  metric: MetricSpec,
  behavior: HorizontalPodAutoscaler['spec']['behavior'],
  pods: readonly Pod[],
  current: number,
): Seen {
  const source = metric.resource ?? metric.containerResource;
  if (source) {
    const { target, ...named } = source;
    const seen = evaluateResource(context, source, behavior, pods, current);
    if (typeof seen !== 'string') {
      const field = metric.resource ? 'resource' : 'containerResource';
      return { ...seen, status: { type: metric.type, [field]: { ...named, current: seen.current } } };
    }
    const why = `failed to get ${source.name} ${target.averageUtilization === undefined ? 'usage' : 'utilization'}: ${seen}`;
    const of = metric.resource ? 'resource' : 'container';
    const error = `failed to get ${source.name} ${of} metric value: ${why}`;
    return { reason: `FailedGet${metric.type}Metric`, why, error };
  }
  return unavailable(metric);
}

/** There is no API for metrics other than those of resources, as on a cluster without an adapter for them. */
function unavailable({ type, pods, object, external }: MetricSpec): Seen {
  const name = (pods ?? object ?? external)?.metric.name ?? '';
  const [api, path] =
    type === 'External'
      ? ['external metrics API', `${name}.external.metrics.k8s.io`]
      : ['custom metrics API', `${object ? 'objects' : 'pods'}.custom.metrics.k8s.io`];
  const why = `unable to get ${type === 'External' ? 'external ' : ''}metric ${name}: unable to fetch metrics from ${api}: the server could not find the requested resource (get ${path})`;
  return {
    reason: `FailedGet${type}Metric`,
    why,
    error: `failed to get ${type.toLowerCase()} metric value: ${why}`,
  };
}

/** Why it could not be read, as a text. */
function evaluateResource(
  context: ControllerContext,
  source: ResourceMetric,
  behavior: HorizontalPodAutoscaler['spec']['behavior'],
  pods: readonly Pod[],
  current: number,
): (Calculation & { metric: string }) | string {
  const { name, target } = source;
  const metrics = podMetrics(context, source, pods);
  if (typeof metrics === 'string') return `unable to get metrics for resource ${name}: ${metrics}`;
  if (pods.length === 0) return 'no pods returned by selector while calculating replica count';
  const requests = new Map<string, number>();
  if (target.averageUtilization !== undefined) {
    for (const pod of pods) {
      const request = podRequest(pod, source);
      if (isMissing(request))
        return `missing request for ${name} in container ${request.container} of Pod ${pod.metadata.name}`;
      requests.set(pod.metadata.name, request);
    }
  }
  const result = calculateReplicas(context, source, behavior, { pods, metrics, requests, current });
  if (typeof result === 'string') return result;
  const how = target.averageUtilization === undefined ? '' : ' utilization (percentage of request)';
  return { ...result, metric: `${name} resource${how}` };
}
