import process from 'node:process';
import { Counter, Gauge } from 'prom-client';
import { numberFromEnv } from './shared/env.ts';
import { createLog } from './shared/log.ts';
import { createMetrics } from './shared/metrics.ts';
import {
  BOOKS,
  BOOKS_KEPT,
  BOOKS_TOTAL,
  type Booked,
  ORDERS,
  type Order,
  PARKED,
  parseOrder,
  takenBy,
} from './shared/orders.ts';
import { Redis } from './shared/redis.ts';
import { serveMetrics } from './shared/server.ts';

// Books paid orders, one after the other. An order that was taken and not booked goes back to the front of the queue.
const APP = 'booking';

const log = createLog(APP);
const metrics = createMetrics();
const worker = process.env.HOSTNAME ?? APP;
const taken = takenBy(worker);
const workMs = numberFromEnv('WORK_MS', 20);
/** How long it waits for an order before it asks again; 0: for ever. */
const heartbeat = numberFromEnv('HEARTBEAT_SECONDS', 0);
/** What becomes of an order that cannot be booked: `stop` or `park`. */
const badOrders = process.env.BAD_ORDERS ?? 'stop';
const redis = new Redis({
  address: process.env.QUEUE_ADDR ?? 'queue-proxy:6379',
  name: worker,
  silentMs: heartbeat * 3000,
});

const registers = [metrics.registry];
const orders = new Counter({
  name: 'booking_orders_total',
  help: 'Orders taken from the queue, by what became of them.',
  labelNames: ['outcome'],
  registers,
});
for (const outcome of ['booked', 'parked']) orders.inc({ outcome }, 0);
const sales = new Counter({ name: 'booking_sales_total', help: 'Sum of what was booked, EUR.', registers });
let lastOrder = performance.now();
new Gauge({
  name: 'booking_idle_seconds',
  help: 'Time since this worker last had an order.',
  registers,
  collect() {
    this.set((performance.now() - lastOrder) / 1000);
  },
});

let stopping = false;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function work(): Promise<void> {
  let found = false;
  while (!stopping) {
    try {
      if (!found) await putBack();
      found = true;
      const text = await redis.ask('BLMOVE', ORDERS, taken, 'LEFT', 'RIGHT', heartbeat);
      if (typeof text === 'string') await handle(text);
    } catch (error) {
      if (stopping) return;
      log.error('queue failed', { error: (error as Error).message });
      found = false;
      await pause(500);
    }
  }
}

async function handle(text: string): Promise<void> {
  lastOrder = performance.now();
  await pause(workMs);
  let order: Order;
  let amount: number;
  try {
    order = parseOrder(text);
    amount = book(order);
  } catch (error) {
    await refuse(error as Error);
    return;
  }
  const booked: Booked = { ...order, bookedAt: Date.now() };
  await redis.together([
    ['LREM', taken, 1, text],
    ['RPUSH', BOOKS, JSON.stringify(booked)],
    ['INCR', BOOKS_TOTAL],
    ['LTRIM', BOOKS, -BOOKS_KEPT, -1],
  ]);
  sales.inc(amount);
  orders.inc({ outcome: 'booked' });
}

function book({ lines }: Order): number {
  return lines.reduce((sum, { price }) => sum + price, 0);
}

async function refuse(error: Error): Promise<void> {
  if (badOrders === 'park') {
    await redis.ask('LMOVE', taken, PARKED, 'RIGHT', 'RIGHT');
    orders.inc({ outcome: 'parked' });
    log.error('order parked', { error: error.message });
    return;
  }
  // None may be lost: whoever starts next begins with it.
  await redis.ask('LMOVE', taken, ORDERS, 'RIGHT', 'LEFT');
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

/** Orders that this worker, or one that is gone, had taken when it ended. */
async function putBack(): Promise<void> {
  const alive = String(await redis.ask('CLIENT', 'LIST'));
  for (const list of (await redis.ask('KEYS', takenBy('*'))) as string[]) {
    const owner = list.slice(takenBy('').length);
    if (owner !== worker && alive.includes(` name=${owner} `)) continue;
    for (let back = 0; (await redis.ask('LMOVE', list, ORDERS, 'RIGHT', 'LEFT')) !== null; back++)
      log.info('order put back', { of: owner, back });
  }
}

void serveMetrics(APP, {
  metrics,
  log,
  onStop() {
    stopping = true;
    redis.close();
  },
});
void work();
