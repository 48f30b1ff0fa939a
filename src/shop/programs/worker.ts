import { Counter } from 'prom-client';
import { numberFromEnv, portsFromEnv } from './shared/env.ts';
import { createLog } from './shared/log.ts';
import { createMesh } from './shared/mesh.ts';
import { addGauges, createMetrics } from './shared/metrics.ts';
import { serve } from './shared/server.ts';

// Sends receipts, one after the other, out of a queue in memory.
const APP = 'worker';

const log = createLog(APP);
const metrics = createMetrics();
const jobMs = numberFromEnv('JOB_MS', 20);
const capacity = numberFromEnv('QUEUE_CAPACITY', 5000);
/** When each waiting job came in, ms of the monotonic clock. */
const queue: number[] = [];
let running = false;

const registers = [metrics.registry];
const done = new Counter({ name: 'worker_jobs_done_total', help: 'Jobs finished.', registers });
const dropped = new Counter({
  name: 'worker_jobs_dropped_total',
  help: 'Jobs refused: queue full.',
  registers,
});
addGauges(registers, [
  ['worker_queue_depth', 'Jobs that wait.', () => queue.length],
  [
    'worker_queue_oldest_seconds',
    'Age of the job that has waited longest.',
    () => (queue.length ? (performance.now() - queue[0]!) / 1000 : 0),
  ],
]);

function work(): void {
  running = queue.length > 0;
  if (!running) return;
  setTimeout(() => {
    queue.shift();
    done.inc();
    work();
  }, jobMs);
}

void serve({
  ports: portsFromEnv('PORT', [8080]),
  metrics,
  mesh: createMesh(APP, metrics.registry),
  log,
  routes: [
    {
      method: 'POST',
      path: '/jobs',
      handle() {
        if (queue.length >= capacity) {
          dropped.inc();
          log.error('queue full', { depth: queue.length });
          return { status: 503, body: { error: 'queue full' } };
        }
        queue.push(performance.now());
        if (!running) work();
        return { status: 202, body: { queued: queue.length } };
      },
    },
  ],
  onStop() {
    if (queue.length) log.error('jobs lost', { depth: queue.length });
  },
});
