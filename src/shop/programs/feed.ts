import { join } from 'node:path';
import process from 'node:process';
import { Counter, Gauge } from 'prom-client';
import { numberFromEnv } from './shared/env.ts';
import { createLog } from './shared/log.ts';
import { createMetrics } from './shared/metrics.ts';
import { BOOKS, BOOKS_TOTAL, type Booked } from './shared/orders.ts';
import { Redis } from './shared/redis.ts';
import { serveMetrics } from './shared/server.ts';
import { watchFile } from './shared/watched-file.ts';

// Follows what is booked and keeps the sales report by it. Where it has come to is kept beside the report.
const APP = 'feed';
const POSITION = 'feed:position';
const REPORT = 'report:sold';
const AT_A_TIME = 200;

const log = createLog(APP);
const metrics = createMetrics();
const redis = new Redis({ address: process.env.QUEUE_ADDR ?? 'queue:6379', name: APP, silentMs: 5000 });

const registers = [metrics.registry];
const copied = new Counter({ name: 'feed_changes_total', help: 'Changes that were copied.', registers });
const pending = new Gauge({
  name: 'feed_changes_pending',
  help: 'Changes that are not copied yet.',
  registers,
});
const behind = new Gauge({
  name: 'feed_behind_seconds',
  help: 'How old the oldest change is that is not copied; 0 if all are.',
  registers,
});
const reached = new Gauge({
  name: 'feed_source_up',
  help: '1 if the source answered when it was last asked.',
  registers,
});
const lost = new Counter({
  name: 'feed_changes_lost_total',
  help: 'Changes that the source no longer had when their turn came.',
  registers,
});

type State = 'running' | 'paused';

const state = watchFile(join(process.env.CONNECTOR ?? '/etc/feed', 'state'), parseState, (result) => {
  if ('error' in result) return log.error('state not read', { error: result.error.message });
  log.info('state read', { state: result.value });
});

function parseState(text: string): State {
  const word = text.trim();
  if (word !== 'running' && word !== 'paused') throw new Error(`Expected running or paused, got "${word}".`);
  return word;
}

async function follow(): Promise<void> {
  const [total, position] = (await redis.ask('MGET', BOOKS_TOTAL, POSITION)) as (string | null)[];
  const kept = Number(await redis.ask('LLEN', BOOKS));
  reached.set(1);
  const uncopied = Number(total ?? 0) - Number(position ?? 0);
  const waiting = Math.min(uncopied, kept);
  const changes = waiting > 0 ? await oldest(waiting) : [];
  const copies = state.current() !== 'paused' && changes.length > 0;
  if (copies) {
    await copy(changes, Number(total) - waiting + changes.length);
    lost.inc(uncopied - waiting);
  }
  pending.set(copies ? waiting - changes.length : waiting);
  // With more than it copies at a time the first of them tells well enough.
  const next = copies && waiting === changes.length ? undefined : changes[0];
  behind.set(next ? Math.max(0, (Date.now() - next.bookedAt) / 1000) : 0);
}

/** Of so many that are the last, the first ones. */
async function oldest(waiting: number): Promise<Booked[]> {
  const last = waiting > AT_A_TIME ? -waiting + AT_A_TIME - 1 : -1;
  const texts = (await redis.ask('LRANGE', BOOKS, -waiting, last)) as string[];
  return texts.map((text) => JSON.parse(text) as Booked);
}

/** Report and position change together, so that each change counts once. */
async function copy(changes: readonly Booked[], position: number): Promise<void> {
  const products = changes.flatMap(({ lines }) => lines.map(({ product }) => product));
  await redis.together([
    ...products.map((product) => ['HINCRBY', REPORT, product, 1]),
    ['SET', POSITION, position],
  ]);
  copied.inc(changes.length);
}

let stopping = false;
async function run(): Promise<void> {
  while (!stopping) {
    try {
      await follow();
    } catch (error) {
      reached.set(0);
      log.error('source failed', { error: (error as Error).message });
    }
    await new Promise((resolve) => setTimeout(resolve, numberFromEnv('EVERY_SECONDS', 1) * 1000));
  }
}

void serveMetrics(APP, {
  metrics,
  log,
  onStop() {
    stopping = true;
    state.stop();
    redis.close();
  },
});
void run();
