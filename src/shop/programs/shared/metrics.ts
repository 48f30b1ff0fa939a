import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds. 0.25 is the objective of checkout, 0.5 the threshold of its alert: both must be bucket bounds. */
export const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10];

/** Metrics every program of the shop exports. */
export interface ProgramMetrics {
  registry: Registry;
  requests: Counter<'route' | 'method' | 'code'>;
  duration: Histogram<'route' | 'method' | 'code'>;
  inflight: Gauge;
}

/**
 * Which program it is of is not said here: the scrape adds `app` from the pod's label app.kubernetes.io/name.
 * @param virtualCpuSeconds CPU time that was accounted for but not burnt; 0 where work is real.
 */
export function createMetrics(virtualCpuSeconds: () => number = () => 0): ProgramMetrics {
  const registry = new Registry();
  const registers = [registry];
  addProcessMetrics(registry, virtualCpuSeconds);
  return {
    registry,
    requests: new Counter({
      name: 'http_requests_total',
      help: 'Requests answered, by route, method and status code.',
      labelNames: ['route', 'method', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the request line to the end of the answer.',
      labelNames: ['route', 'method', 'code'],
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    inflight: new Gauge({ name: 'http_requests_in_flight', help: 'Requests being answered.', registers }),
  };
}

/** A look that all gauges of one scrape wait for together, so that all of them are of one moment. */
export function oneLook(readAll: () => Promise<void>): () => Promise<void> {
  let looking: Promise<void> | undefined;
  return () => {
    looking ??= readAll().finally(() => {
      looking = undefined;
    });
    return looking;
  };
}

/** Gauges that are asked for their value when they are scraped. */
export function addGauges(
  registers: Registry[],
  gauges: readonly [name: string, help: string, value: () => number][],
): void {
  for (const [name, help, value] of gauges)
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
}

/** The names of Prometheus' client guidelines; prom-client's own defaults can't include virtual CPU. */
function addProcessMetrics(registry: Registry, virtualCpuSeconds: () => number): void {
  const registers = [registry];
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6 + virtualCpuSeconds());
    },
  });
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'Start time of the process since unix epoch in seconds.',
    registers,
  }).set(Date.now() / 1000 - process.uptime());
}
