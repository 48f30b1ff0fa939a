import { quantityNumber } from '../../quantity.ts';
import type { ContainerUsage } from '../api.ts';
import type { Reading } from '../runtime/protocol.ts';
import type { ContainerWorker } from './container.ts';
import type { KubeletContext } from './deps.ts';
import type { PodWorker } from './pod.ts';

/**
 * An idle Node takes this much resident memory here, where a container's programs would be measured without
 * the shared pages of the runtime: it is not counted, neither in usage nor against a limit.
 */
const NODE_BASELINE_BYTES = 40 * 2 ** 20;
/** An empty container still has a pause process and page cache. */
const LEAST_BYTES = 2 ** 20;
const PERIOD_MS = 10_000;
const SHORTEST_MS = 2_000;

interface Sample {
  at: number;
  cpuSeconds: number;
  cpuCores: number;
  windowSeconds: number;
  memoryBytes: number;
}

/** Reads CPU and memory of all containers now and then, and ends those above their memory limit. */
export class UsageWatch {
  private readonly samples = new Map<string, Sample>();
  private readonly cancel: () => void;
  private reading = false;

  constructor(
    private readonly context: KubeletContext,
    private readonly pods: () => Iterable<PodWorker>,
  ) {
    const period = Math.max(SHORTEST_MS, PERIOD_MS / context.speed);
    const first = context.clock.setTimeout(() => void this.sample(), SHORTEST_MS);
    const others = context.clock.setInterval(() => void this.sample(), period);
    this.cancel = () => {
      first();
      others();
    };
  }

  stop(): void {
    this.cancel();
  }

  of(podUid: string): ContainerUsage[] {
    for (const pod of this.pods()) {
      if (pod.current().metadata.uid !== podUid) continue;
      return [...pod.containers.values()].flatMap((container) => {
        const sample = this.samples.get(container.process?.id ?? '');
        const { name } = container.spec;
        return sample ? [{ container: name, ...pick(sample) }] : [];
      });
    }
    return [];
  }

  ofNode(
    node: string,
    known: boolean,
  ): { cpuCores: number; memoryBytes: number; windowSeconds: number; at: number } | undefined {
    if (!known) return undefined;
    const total = { ...NODE_OVERHEAD, windowSeconds: PERIOD_MS / 1000, at: this.context.clock.now() };
    for (const pod of this.pods()) {
      if (pod.current().spec.nodeName !== node) continue;
      for (const usage of this.of(pod.current().metadata.uid)) {
        total.cpuCores += usage.cpuCores;
        total.memoryBytes += usage.memoryBytes;
      }
    }
    return total;
  }

  private async sample(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      const { runtime, sessions } = this.context;
      const all = await Promise.all([runtime.stats(), sessions.readings()]);
      const readings = new Map(all.flat().map((reading) => [reading.id, reading]));
      const work: Promise<void>[] = [];
      for (const pod of this.pods()) {
        for (const container of pod.containers.values()) {
          const reading = readings.get(container.process?.id ?? '');
          if (reading) work.push(this.take(pod, container, reading));
        }
      }
      await Promise.all(work);
      for (const id of this.samples.keys()) if (!readings.has(id)) this.samples.delete(id);
    } catch (error) {
      this.context.onError(error);
    } finally {
      this.reading = false;
    }
  }

  private async take(pod: PodWorker, container: ContainerWorker, reading: Reading): Promise<void> {
    const memoryBytes = Math.max(
      LEAST_BYTES,
      reading.memoryBytes - (container.process?.idleBytes ?? NODE_BASELINE_BYTES),
    );
    const limit = quantityNumber(container.spec.resources?.limits?.memory);
    if (limit !== undefined && memoryBytes > limit) container.killForMemory();
    const cpuSeconds = (await this.reportedCpu(pod, container)) ?? reading.cpuSeconds;
    const at = this.context.clock.now();
    const before = this.samples.get(reading.id);
    const windowSeconds = before ? (at - before.at) / 1000 : PERIOD_MS / 1000;
    const used = before ? Math.max(0, cpuSeconds - before.cpuSeconds) : 0;
    this.samples.set(reading.id, {
      at,
      cpuSeconds,
      cpuCores: used / windowSeconds,
      windowSeconds,
      memoryBytes,
    });
  }

  /** A program that simulates its work says in its own metrics how much CPU that would have taken. */
  private async reportedCpu(pod: PodWorker, container: ContainerWorker): Promise<number | undefined> {
    const annotations = pod.current().metadata.annotations ?? {};
    const port = Number(annotations['prometheus.io/port']);
    const declares = container.spec.ports?.some((candidate) => candidate.containerPort === port);
    const alone = pod.current().spec.containers.length === 1;
    if (annotations['prometheus.io/scrape'] !== 'true' || !port || !(declares || alone)) return undefined;
    const path = annotations['prometheus.io/path'] ?? '/metrics';
    try {
      const { body } = await this.context.network.fetch(pod.podIP, port, path, { timeoutMs: 1000 });
      return processCpuSeconds(body);
    } catch {
      return undefined;
    }
  }
}

const NODE_OVERHEAD = { cpuCores: 0.05, memoryBytes: 300 * 2 ** 20 };

function pick({ cpuCores, memoryBytes, windowSeconds, at }: Sample): Omit<ContainerUsage, 'container'> {
  return { cpuCores, memoryBytes, windowSeconds, at };
}

/** The sum over the series of process_cpu_seconds_total in a page of metrics. */
export function processCpuSeconds(page: string): number | undefined {
  const values = [...page.matchAll(/^process_cpu_seconds_total(?:\{[^}]*\})? (\S+)/gm)].map((match) =>
    Number(match[1]),
  );
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) : undefined;
}
