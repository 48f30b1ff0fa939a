import { parseQuantity } from '../../../quantity.ts';
import type { ControllerContext } from '../context.ts';
import type { Container, MetricAmount, Pod } from '../kinds.ts';

/** A metric of a resource, of whole pods or of one container in each. */
export interface ResourceMetric {
  name: string;
  container?: string;
  target: MetricAmount;
}

export interface PodMetric {
  /** In thousandths of a core or of a byte. */
  value: number;
  /** When it was read, ms. */
  at: number;
  windowMs: number;
}

/** By the name of the pod; why there are none, as a text. */
export function podMetrics(
  { usage }: ControllerContext,
  { name, container }: ResourceMetric,
  pods: readonly Pod[],
): Map<string, PodMetric> | string {
  if (!usage)
    return 'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
  const metrics = new Map<string, PodMetric>();
  for (const pod of pods) {
    if (pod.status.phase !== 'Running') continue;
    const readings = usage(pod).filter((reading) => !container || reading.container === container);
    const first = readings[0];
    if (!first) continue;
    const amounts = readings.map(({ cpuCores, memoryBytes }) => (name === 'cpu' ? cpuCores : memoryBytes));
    const value = amounts.reduce((sum, amount) => sum + Math.ceil(amount * 1000), 0);
    metrics.set(pod.metadata.name, { value, at: first.at, windowMs: first.windowSeconds * 1000 });
  }
  return metrics.size > 0 ? metrics : 'no metrics returned from resource metrics API';
}

interface Missing {
  container: string;
}

/** In thousandths; the container that does not say. */
export function podRequest(pod: Pod, { name, container }: ResourceMetric): number | Missing {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const counted: Container[] = [...pod.spec.containers, ...sidecars].filter(
    (one) => !container || one.name === container,
  );
  let sum = 0;
  for (const { name: own, resources } of counted) {
    const quantity = parseQuantity(resources?.requests?.[name]);
    if (!quantity) return { container: own };
    sum += milli(quantity.nanos);
  }
  return sum;
}

export const isMissing = (request: number | Missing): request is Missing => typeof request !== 'number';

/** Billionths as thousandths, rounded up. */
export const milli = (nanos: bigint): number => Number((nanos + 999_999n) / 1_000_000n);
