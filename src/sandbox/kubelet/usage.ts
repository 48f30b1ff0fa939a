import { quantityNumber } from '../../quantity.ts';
import type { ContainerUsage } from '../api.ts';
import type { Reading } from '../runtime/protocol.ts';
import type { KubeletContext } from './deps.ts';
import type { ContainerWorker } from './pod/container.ts';
import type { PodWorker } from './pod/pod.ts';

/**
 * An idle Node takes this much resident memory here, where a container's programs would be measured without
 * the shared pages of the runtime: it is not counted, neither in usage nor against a limit.
 */
const NODE_BASELINE_BYTES = 40 * 2 ** 20;
/** An empty container still has a pause process and page cache. */
const LEAST_BYTES = 2 ** 20;
const PERIOD_MS = 10_000;
/** Between two looks, whatever the speed: the kernel ends a process above its memory limit at once. */
const LOOK_MS = 2_000;

interface Sample {
  at: number;
  cpuSeconds: number;
  cpuCores: number;
  windowSeconds: number;
  memoryBytes: number;
  throttledPeriods: number;
}

/** Reads CPU and memory of all containers now and then, and ends those above their memory limit within seconds. */
export class UsageWatch {
  private readonly samples = new Map<string, Sample>();
  private readonly cancel: () => void;
  private reading = false;
  /** Every few looks the CPU is read as well; the nearest look to the period. */
  private nextSample = 0;

  constructor(
    private readonly context: KubeletContext,
    private readonly pods: () => Iterable<PodWorker>,
  ) {
    this.cancel = context.clock.setInterval(() => void this.look(), LOOK_MS);
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

  private async look(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      const readings = await this.readings();
      const all = [...this.read(readings)];
      for (const { container, reading } of all) {
        const limit = quantityNumber(container.spec.resources?.limits?.memory);
        if (limit !== undefined && memoryOf(container, reading) > limit) container.killForMemory();
      }
      const now = this.context.clock.now();
      if (now < this.nextSample) return;
      this.nextSample = now + PERIOD_MS / this.context.speed - LOOK_MS / 2;
      await Promise.all(all.map(({ pod, container, reading }) => this.take(pod, container, reading)));
      for (const id of this.samples.keys()) if (!readings.has(id)) this.samples.delete(id);
    } catch (error) {
      this.context.onError(error);
    } finally {
      this.reading = false;
    }
  }

  private async readings(): Promise<Map<string, Reading>> {
    const { runtime, sessions } = this.context;
    const all = await Promise.all([runtime.stats(), sessions.readings()]);
    return new Map(all.flat().map((reading) => [reading.id, reading]));
  }

  private *read(readings: Map<string, Reading>) {
    for (const pod of this.pods())
      for (const container of pod.containers.values()) {
        const reading = readings.get(container.process?.id ?? '');
        if (reading) yield { pod, container, reading };
      }
  }

  private async take(pod: PodWorker, container: ContainerWorker, reading: Reading): Promise<void> {
    const memoryBytes = memoryOf(container, reading);
    const page = await this.metricsPage(pod, container);
    // A program that simulates its work says in its own metrics how much CPU that would have taken.
    const cpuSeconds = sumOf('process_cpu_seconds_total', page) ?? reading.cpuSeconds;
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
      // Nothing else is held back here: a limit of CPU is the program's own to keep.
      throttledPeriods: sumOf('process_cpu_throttled_periods_total', page) ?? 0,
    });
  }

  /** What the container says of itself to Prometheus; empty if it says nothing. */
  private async metricsPage(pod: PodWorker, container: ContainerWorker): Promise<string> {
    const annotations = pod.current().metadata.annotations ?? {};
    const port = Number(annotations['prometheus.io/port']);
    const declares = container.spec.ports?.some((candidate) => candidate.containerPort === port);
    const alone = pod.current().spec.containers.length === 1;
    if (annotations['prometheus.io/scrape'] !== 'true' || !port || !(declares || alone)) return '';
    const path = annotations['prometheus.io/path'] ?? '/metrics';
    try {
      const { body } = await this.context.network.fetch(pod.podIP, port, path, { timeoutMs: 1000 });
      return body;
    } catch {
      return '';
    }
  }
}

const NODE_OVERHEAD = { cpuCores: 0.05, memoryBytes: 300 * 2 ** 20 };

function memoryOf({ process }: ContainerWorker, reading: Reading): number {
  return Math.max(LEAST_BYTES, reading.memoryBytes - (process?.idleBytes ?? NODE_BASELINE_BYTES));
}

function pick({ cpuSeconds: _, ...usage }: Sample): Omit<ContainerUsage, 'container'> {
  return usage;
}

/** The sum over the series of a metric in a page of metrics. */
export function sumOf(metric: string, page: string): number | undefined {
  const line = new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)`, 'gm');
  const values = [...page.matchAll(line)].map((match) => Number(match[1]));
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) : undefined;
}
