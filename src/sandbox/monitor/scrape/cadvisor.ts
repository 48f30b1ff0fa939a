import { quantityNumber } from '../../../quantity.ts';
import type { Api, Kubelet } from '../../api.ts';
import { type CollectedSample, sampleOf } from './collector.ts';

interface Container {
  name: string;
  image: string;
  resources?: { limits?: Record<string, string> };
}

/**
 * Usage of running containers with cAdvisor's names. The kubelet knows cores now; the counter of CPU seconds is
 * their sum over time.
 */
export function cadvisor(api: Api, kubelet: Kubelet): () => Generator<CollectedSample> {
  const counters = new Map<string, { seconds: number; at: number }>();
  return function* collect() {
    const seen = new Set<string>();
    for (const pod of api.list('pods')) {
      const containers = new Map(((pod.spec?.containers ?? []) as Container[]).map((one) => [one.name, one]));
      for (const usage of kubelet.usage(pod)) {
        const key = `${pod.metadata.uid}/${usage.container}`;
        seen.add(key);
        const known = counters.get(key) ?? { seconds: 0, at: usage.at - usage.windowSeconds * 1000 };
        const seconds = known.seconds + usage.cpuCores * Math.max(0, (usage.at - known.at) / 1000);
        counters.set(key, { seconds, at: usage.at });
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
          yield sampleOf('container_spec_cpu_quota', labels, (quantityNumber(cpu) ?? Number.NaN) * 100_000);
        }
      }
    }
    for (const key of counters.keys()) if (!seen.has(key)) counters.delete(key);
  };
}
