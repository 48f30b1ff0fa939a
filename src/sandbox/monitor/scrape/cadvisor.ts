import type { V1Container } from '@kubernetes/client-node';
import type { Filled } from '../../../kubernetes.ts';
import { quantityNumber } from '../../../quantity.ts';
import type { Api, Kubelet } from '../../api.ts';
import { type CollectedSample, sampleOf } from './collector.ts';

type Container = Filled<V1Container, 'image'>;

/** Of the kernel's CPU quota (cpu.cfs_period_us). */
const QUOTA_PERIOD_SECONDS = 0.1;

/**
 * Usage of running containers with cAdvisor's names. The kubelet knows cores now; the counter of CPU seconds is
 * their sum over time.
 */
export function cadvisor(api: Api, kubelet: Kubelet): () => Generator<CollectedSample> {
  const counters = new Map<string, { seconds: number; periods: number; at: number }>();
  return function* collect() {
    const seen = new Set<string>();
    for (const pod of api.list('pods')) {
      const containers = new Map(((pod.spec?.containers ?? []) as Container[]).map((one) => [one.name, one]));
      for (const usage of kubelet.usage(pod)) {
        const key = `${pod.metadata.uid}/${usage.container}`;
        seen.add(key);
        const known = counters.get(key) ?? {
          seconds: 0,
          periods: 0,
          at: usage.at - usage.windowSeconds * 1000,
        };
        const elapsed = Math.max(0, (usage.at - known.at) / 1000);
        const seconds = known.seconds + usage.cpuCores * elapsed;
        const periods = known.periods + elapsed / QUOTA_PERIOD_SECONDS;
        counters.set(key, { seconds, periods, at: usage.at });
        const container = containers.get(usage.container);
        const labels = {
          namespace: pod.metadata.namespace ?? '',
          pod: pod.metadata.name,
          container: usage.container,
          node: pod.spec?.nodeName ?? '',
          image: container?.image ?? '',
        };
        yield sampleOf('container_cpu_usage_seconds_total', { ...labels, cpu: 'total' }, seconds);
        yield sampleOf('container_memory_working_set_bytes', labels, usage.memoryBytes);
        const { cpu, memory } = container?.resources?.limits ?? {};
        if (memory)
          yield sampleOf('container_spec_memory_limit_bytes', labels, quantityNumber(memory) ?? Number.NaN);
        if (cpu) {
          yield sampleOf('container_spec_cpu_period', labels, 100_000);
          yield sampleOf('container_cpu_cfs_periods_total', labels, Math.floor(periods));
          yield sampleOf('container_cpu_cfs_throttled_periods_total', labels, usage.throttledPeriods ?? 0);
          yield sampleOf('container_spec_cpu_quota', labels, (quantityNumber(cpu) ?? Number.NaN) * 100_000);
        }
      }
    }
    for (const key of counters.keys()) if (!seen.has(key)) counters.delete(key);
  };
}
