import { Counter, Histogram } from 'prom-client';
import { arrivals } from './shared/arrivals.ts';
import { CallError, createClient } from './shared/client.ts';
import { numberFromEnv } from './shared/env.ts';
import { createLog } from './shared/log.ts';
import { createMesh } from './shared/mesh.ts';
import { createMetrics, LATENCY_BUCKETS } from './shared/metrics.ts';
import { seeded } from './shared/random.ts';
import { serve } from './shared/server.ts';

// Those who look at the shop's app on their phones, and order ahead.
const APP = 'app-users';
const CAFES = 2000;
/** Most look at what is at the top of the menu. */
const PRODUCTS = 40;

const log = createLog(APP);
const metrics = createMetrics();
const mesh = createMesh(APP, metrics.registry);
const client = createClient(mesh);
const catalogUrl = process.env.CATALOG_URL ?? 'http://catalog:8080';
const ratePerSecond = numberFromEnv('RATE', 20);
const timeoutMs = numberFromEnv('PATIENCE_MS', 5000);
const random = seeded(numberFromEnv('SEED', 11));
const any = (upTo: number): number => 1 + Math.floor(random() * upTo);
/** `upTo` is the cumulated share of the visits. */
const ACTIONS = [
  { name: 'menu', upTo: 0.2, method: 'GET', path: () => '/menu' },
  { name: 'product', upTo: 0.6, method: 'GET', path: () => `/product?id=${any(PRODUCTS)}` },
  { name: 'favourites', upTo: 0.95, method: 'GET', path: () => `/favourites?cafe=${any(CAFES)}` },
  {
    name: 'order',
    upTo: 1,
    method: 'POST',
    path: () => `/orders?cafe=${any(CAFES)}&product=${any(PRODUCTS)}`,
  },
] as const;

const registers = [metrics.registry];
const visits = new Counter({
  name: 'app_visits_total',
  help: 'What users of the app tried, and whether it worked.',
  labelNames: ['action', 'outcome'],
  registers,
});
const duration = new Histogram({
  name: 'app_visit_duration_seconds',
  help: 'How long users of the app waited.',
  labelNames: ['action'],
  buckets: LATENCY_BUCKETS,
  registers,
});

async function visit(): Promise<void> {
  const pick = random();
  const { name, method, path } = ACTIONS.find(({ upTo }) => pick < upTo) ?? ACTIONS[0];
  const finished = duration.startTimer({ action: name });
  let outcome = 'ok';
  try {
    const { status } = await client.call('catalog.shop', `${catalogUrl}${path()}`, { method, timeoutMs });
    if (status >= 400) outcome = `http_${status}`;
  } catch (error) {
    outcome = error instanceof CallError ? error.code.toLowerCase() : 'error';
  }
  finished();
  visits.inc({ action: name, outcome });
  if (outcome !== 'ok') log.error('visit failed', { action: name, outcome });
}

let stopping = false;
let leave = (): void => undefined;

/** Errors while a whole cluster starts are no errors of the shop. */
async function untilOpen(): Promise<void> {
  while (!stopping) {
    const { status } = await client
      .call('catalog.shop', `${catalogUrl}/favourites?cafe=1`)
      .catch(() => ({ status: 0 }));
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

void serve({
  ports: [],
  metrics,
  mesh,
  log,
  routes: [],
  onStop() {
    stopping = true;
    leave();
  },
}).then(async () => {
  if (ratePerSecond === 0) return;
  await untilOpen();
  log.info('open', { ratePerSecond });
  if (!stopping) leave = arrivals(random, ratePerSecond, () => void visit());
});
