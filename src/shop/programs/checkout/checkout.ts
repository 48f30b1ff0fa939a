import { Counter } from 'prom-client';
import { createCpuAccount } from '../shared/cpu-account.ts';
import { numberFromEnv, portsFromEnv } from '../shared/env.ts';
import { createLog } from '../shared/log.ts';
import { createMesh } from '../shared/mesh.ts';
import { addGauges, createMetrics } from '../shared/metrics.ts';
import { lognormal, seeded } from '../shared/random.ts';
import { type Reply, serve } from '../shared/server.ts';
import { createCompute } from './compute.ts';

// Prices carts: each quote and each payment costs CPU, and the CPU limit is its capacity.
const APP = 'checkout';
const SPREAD = 0.5;

const log = createLog(APP);
/** CPU_LIMIT is in millicores: `resourceFieldRef: limits.cpu` with `divisor: 1m`. */
const limitCores = numberFromEnv('CPU_LIMIT', 500) / 1000;
const maxWaitSeconds = numberFromEnv('MAX_QUEUE_SECONDS', 2);
const mode = process.env.WORK === 'simulated' ? 'simulated' : 'burn';
const compute = createCompute(mode, { limitCores, maxWaitSeconds });
const account = createCpuAccount(limitCores, compute.virtualSeconds);
const metrics = createMetrics(account.virtualSeconds);
const random = seeded(numberFromEnv('SEED', 1));

const registers = [metrics.registry];
const shed = new Counter({
  name: 'checkout_shed_total',
  help: 'Requests turned away because the queue was too long.',
  registers,
});
addGauges(registers, [
  ['checkout_cpu_limit_cores', 'CPU limit of this replica.', () => limitCores],
  ['checkout_queue_length', 'Requests accepted and not answered yet.', compute.queued],
  ['checkout_queue_wait_seconds', 'Time a request accepted now would wait.', compute.waitSeconds],
  [
    'checkout_queue_fill_ratio',
    'Wait against the longest wait allowed.',
    () => compute.waitSeconds() / maxWaitSeconds,
  ],
]);

if (compute.throttledPeriods() !== undefined)
  new Counter({
    name: 'process_cpu_throttled_periods_total',
    help: 'Periods of 100 ms in which the work used up what the CPU limit allows.',
    registers,
    collect() {
      this.reset();
      this.inc(compute.throttledPeriods() ?? 0);
    },
  });

/** What the page /healthz/latency calls slow, and how far it looks back. */
const slowAnswerMs = numberFromEnv('SLOW_ANSWER_MS', 30);
const SLOW_WINDOW_MS = 10_000;
let slowAt = Number.NEGATIVE_INFINITY;

/** For whoever spreads requests: whether this replica is fast just now. It says nothing of its health. */
function fast(): Reply {
  const isFast = performance.now() - slowAt > SLOW_WINDOW_MS;
  return isFast
    ? { status: 200, body: 'fast' }
    : { status: 503, body: `an answer took over ${slowAnswerMs} ms` };
}

async function priced(meanCpuMs: number): Promise<Reply> {
  const started = performance.now();
  const done = compute.run(lognormal(random, meanCpuMs / 1000, SPREAD));
  if (!done) {
    shed.inc();
    log.error('turned away', {
      queued: compute.queued(),
      waitSeconds: Number(compute.waitSeconds().toFixed(2)),
    });
    return { status: 503, body: { error: 'busy' } };
  }
  await done;
  if (performance.now() - started > slowAnswerMs) slowAt = performance.now();
  return { status: 200, body: { total: Math.round(random() * 20_000) / 100, currency: 'EUR' } };
}

const quoteMs = numberFromEnv('QUOTE_CPU_MS', 8);
const payMs = numberFromEnv('PAY_CPU_MS', 12);
void serve({
  ports: portsFromEnv('PORT', [8080]),
  metrics,
  mesh: createMesh(APP, metrics.registry),
  log,
  pages: { '/healthz/latency': fast },
  routes: [
    { method: 'GET', path: '/quote', handle: () => priced(quoteMs) },
    { method: 'POST', path: '/pay', handle: () => priced(payMs) },
  ],
});
