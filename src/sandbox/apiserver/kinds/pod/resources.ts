/** Requests that follow from limits, and the quality-of-service class that follows from both. */
import type { V1PodSpec } from '@kubernetes/client-node';
import { compareQuantities, parseQuantity } from '../../../../quantity.ts';

type Spec = Pick<V1PodSpec, 'containers' | 'initContainers'>;

/** A limit without a request is also the request (SetDefaults_Pod). */
export function setRequestsFromLimits(spec: Spec): void {
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const limits = container.resources?.limits;
    if (!limits || !container.resources) continue;
    container.resources.requests = { ...limits, ...container.resources.requests };
  }
}

/** pkg/apis/core/v1/helper/qos: only cpu and memory count. */
export function qosClass(spec: Spec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const positive = (values: Record<string, unknown> | undefined) =>
    Object.entries(values ?? {}).filter(
      ([name, value]) => (name === 'cpu' || name === 'memory') && (parseQuantity(value)?.nanos ?? 0n) > 0n,
    );
  const requested = containers.some((c) => positive(c.resources?.requests).length > 0);
  const limited = containers.some((c) => positive(c.resources?.limits).length > 0);
  if (!requested && !limited) return 'BestEffort';
  const guaranteed = containers.every((container) => {
    const limits = positive(container.resources?.limits);
    const requests = container.resources?.requests ?? {};
    return (
      limits.length === 2 && limits.every(([name, value]) => compareQuantities(requests[name], value) === 0)
    );
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
