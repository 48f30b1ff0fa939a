import { Counter, Histogram } from 'prom-client';
import { arrivals } from './shared/arrivals.ts';
import { CallError, createClient } from './shared/client.ts';
import { numberFromEnv } from './shared/env.ts';
import { createLog } from './shared/log.ts';
import { createMesh } from './shared/mesh.ts';
import { createMetrics, LATENCY_BUCKETS } from './shared/metrics.ts';
import { seeded } from './shared/random.ts';
import { serve } from './shared/server.ts';

// Steady open-loop traffic, as people make it: they do not wait for each other.
const APP = 'customers';
/** `upTo` is the cumulated share of the traffic. */
const ACTIONS = [
  { name: 'browse', upTo: 0.5, method: 'GET', path: '/' },
  { name: 'quote', upTo: 0.85, method: 'GET', path: '/quote' },
  { name: 'pay', upTo: 1, method: 'POST', path: '/pay' },
] as const;

/** The price list that the shop's app shows; it is fetched once in a while, whatever else goes on. */
const PRICE_LIST = { name: 'price-list', method: 'GET', path: '/assets/prices.json' } as const;

type Action = (typeof ACTIONS)[number] | typeof PRICE_LIST;

/** One a second; after these they come anyway. */
const OPENING_TRIES = 60;

const log = createLog(APP);
const metrics = createMetrics();
const mesh = createMesh(APP, metrics.registry);
// Each customer is somebody else, with a connection of their own.
const client = createClient(mesh, { keepAlive: false });
const shopUrl = process.env.SHOP_URL ?? 'http://edge';
const ratePerSecond = numberFromEnv('RATE', 20);
const timeoutMs = numberFromEnv('PATIENCE_MS', 10_000);
const random = seeded(numberFromEnv('SEED', 7));
const registers = [metrics.registry];
const visits = new Counter({
  name: 'customers_visits_total',
  help: 'What customers tried, and whether it worked.',
  labelNames: ['action', 'outcome'],
  registers,
});
const duration = new Histogram({
  name: 'customers_visit_duration_seconds',
  help: 'How long customers waited.',
  labelNames: ['action'],
  buckets: LATENCY_BUCKETS,
  registers,
});

function nextAction(): Action {
  const pick = random();
  return ACTIONS.find(({ upTo }) => pick < upTo) ?? ACTIONS[0];
}

async function visit(action: Action): Promise<void> {
  const finished = duration.startTimer({ action: action.name });
  let outcome = 'ok';
  try {
    const { status } = await client.call('edge.shop', `${shopUrl}${action.path}`, {
      method: action.method,
      timeoutMs,
    });
    if (status >= 400) outcome = `http_${status}`;
  } catch (error) {
    outcome = error instanceof CallError ? error.code.toLowerCase() : 'error';
  }
  finished();
  visits.inc({ action: action.name, outcome });
  if (outcome !== 'ok') log.error('visit failed', { action: action.name, outcome });
}

/** Customers come when the shop is open: errors while a whole cluster starts are no errors of the shop. */
async function untilOpen(): Promise<void> {
  for (let left = OPENING_TRIES; left > 0; left -= 1) {
    const { status } = await client.call('edge.shop', `${shopUrl}/quote`).catch(() => ({ status: 0 }));
    if (status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  log.info('open', { ratePerSecond });
}

let priceList: NodeJS.Timeout | undefined;
let leave = (): void => undefined;

function stop(): void {
  leave();
  clearInterval(priceList);
}

void serve({ ports: [], metrics, mesh, log, routes: [], onStop: stop }).then(async () => {
  if (ratePerSecond === 0) return;
  await untilOpen();
  leave = arrivals(random, ratePerSecond, () => void visit(nextAction()));
  const everyMs = numberFromEnv('PRICE_LIST_EVERY_SECONDS', 0) * 1000;
  if (everyMs > 0) priceList = setInterval(() => void visit(PRICE_LIST), everyMs);
});
