import { randomUUID } from 'node:crypto';
import { Counter } from 'prom-client';
import { CallError, createClient } from './shared/client.ts';
import { numberFromEnv, portsFromEnv, wordFromEnv } from './shared/env.ts';
import { createLog } from './shared/log.ts';
import { createMesh } from './shared/mesh.ts';
import { createMetrics } from './shared/metrics.ts';
import { ORDERS, type Order } from './shared/orders.ts';
import { Redis } from './shared/redis.ts';
import { Retries } from './shared/retries.ts';
import { type Reply, serve } from './shared/server.ts';

// The old monolith. It listens on six ports, one a till group, as it did when each was an own process.
const APP = 'storefront';
const TILL_PORTS = [8001, 8002, 8003, 8004, 8005, 8006];
const MOST_ORDERS = 10_000;
const PRICES = { espresso: 2.2, cappuccino: 3.1, croissant: 2.4, sandwich: 5.9 };

const log = createLog(APP);
const metrics = createMetrics();
const mesh = createMesh(APP, metrics.registry);
const client = createClient(mesh);
const checkoutUrl = process.env.CHECKOUT_URL ?? 'http://checkout:8080';
const workerUrl = process.env.WORKER_URL ?? 'http://worker:8080';
const timeoutMs = numberFromEnv('CHECKOUT_TIMEOUT_MS', 5000);
const retries = new Retries({
  retries: numberFromEnv('RETRIES', 0),
  budget: numberFromEnv('RETRY_BUDGET', 0.2),
  registry: metrics.registry,
});

/** A price may be asked for twice; a payment that got no answer may have been made. */
function price(signal: AbortSignal): Promise<Reply> {
  return retries.call(
    'checkout.shop',
    () => checkout('GET', '/quote', signal),
    ({ status }) => status >= 500 && !signal.aborted,
  );
}

/** Asks checkout; its refusals and failures are passed on as 503 and 502, its silence as 504. */
async function checkout(method: string, path: string, signal: AbortSignal): Promise<Reply> {
  try {
    const answer = await client.call('checkout.shop', `${checkoutUrl}${path}`, { method, timeoutMs, signal });
    if (answer.status === 200) return { status: 200, body: JSON.parse(answer.body) };
    log.error('checkout refused', { path, status: answer.status });
    return { status: answer.status === 503 ? 503 : 502, body: { error: 'checkout refused' } };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    log.error('checkout failed', { path, code: error.code });
    return { status: error.code === 'TIMEOUT' ? 504 : 502, body: { error: 'checkout failed' } };
  }
}

/** How a basket is priced: as a whole with one call, or line by line, which are as many calls as it has lines. */
const quoteBy = wordFromEnv('QUOTE_BY', ['basket', 'line']);
const BASKET = Object.keys(PRICES);

async function quote(signal: AbortSignal): Promise<Reply> {
  if (quoteBy === 'basket') return price(signal);
  let total = 0;
  for (const _line of BASKET) {
    const priced = await price(signal);
    if (priced.status !== 200) return priced;
    total += (priced.body as { total: number }).total;
  }
  return { status: 200, body: { total, currency: 'EUR' } };
}

/** Paid orders that go to the queue with the next batch. */
const paidOrders: Order[] = [];
const sent = new Counter({
  name: 'storefront_orders_sent_total',
  help: 'Paid orders that were put on the queue.',
  registers: [metrics.registry],
});
const queueAddress = process.env.QUEUE_ADDR;
const queue = queueAddress && new Redis({ address: queueAddress, name: APP, silentMs: 5000 });
const batches = queue
  ? setInterval(() => void sendOrders(queue), numberFromEnv('ORDERS_EVERY_SECONDS', 5) * 1000)
  : undefined;

/** What cannot be sent goes with the next batch; the oldest are given up when there are too many. */
async function sendOrders(to: Redis): Promise<void> {
  const batch = paidOrders.splice(0);
  if (batch.length === 0) return;
  try {
    await to.ask('RPUSH', ORDERS, ...batch.map((order) => JSON.stringify(order)));
    sent.inc(batch.length);
  } catch (error) {
    log.error('orders not sent', { orders: batch.length, error: (error as Error).message });
    paidOrders.unshift(...batch.slice(-MOST_ORDERS));
  }
}

async function pay(signal: AbortSignal): Promise<Reply> {
  const paid = await checkout('POST', '/pay', signal);
  if (paid.status !== 200) return paid;
  if (queue) {
    const [product, price] = Object.entries(PRICES)[paidOrders.length % Object.keys(PRICES).length]!;
    paidOrders.push({ id: randomUUID(), at: Date.now(), lines: [{ product, price }] });
  }
  try {
    await client.call('worker.shop', `${workerUrl}/jobs`, {
      method: 'POST',
      body: '{"kind":"receipt"}',
      timeoutMs: 2000,
    });
  } catch (error) {
    // The customer has paid: a lost receipt is no reason to fail.
    log.error('receipt not queued', { code: error instanceof CallError ? error.code : 'unknown' });
  }
  return paid;
}

void serve({
  ports: portsFromEnv('PORT', TILL_PORTS),
  metrics,
  mesh,
  log,
  routes: [
    { method: 'GET', path: '/', handle: () => ({ status: 200, body: { products: Object.keys(PRICES) } }) },
    { method: 'GET', path: '/prices', handle: () => ({ status: 200, body: PRICES }) },
    { method: 'GET', path: '/quote', handle: (_request, signal) => quote(signal) },
    { method: 'POST', path: '/pay', handle: (_request, signal) => pay(signal) },
  ],
  async onStop() {
    clearInterval(batches);
    if (queue) await sendOrders(queue);
  },
});
