import process from 'node:process';
import { Gauge } from 'prom-client';
import { createLog } from './shared/log.ts';
import { createMetrics, oneLook } from './shared/metrics.ts';
import { parseOrder } from './shared/orders.ts';
import { Redis } from './shared/redis.ts';
import { serveMetrics } from './shared/server.ts';

// What INFO says, under the names that redis_exporter gives it, and how long the oldest in a list has waited.
const APP = 'redis-exporter';

const log = createLog(APP);
const metrics = createMetrics();
const look = oneLook(readAll);
const redis = new Redis({ address: process.env.REDIS_ADDR ?? 'localhost:6379', name: APP, silentMs: 2000 });
const lists = (process.env.CHECK_LISTS ?? '').split(',').filter(Boolean);

/** By field of INFO. */
const FIELDS: Record<string, [name: string, help: string]> = {
  uptime_in_seconds: ['redis_uptime_in_seconds', 'Seconds since it started.'],
  connected_clients: ['redis_connected_clients', 'Clients that are connected.'],
  blocked_clients: ['redis_blocked_clients', 'Clients that wait in a command.'],
  used_memory: ['redis_memory_used_bytes', 'Memory that keys and values take.'],
  maxmemory: ['redis_memory_max_bytes', 'Memory that they may take; 0: any.'],
  total_connections_received: ['redis_connections_received_total', 'Connections so far.'],
  total_commands_processed: ['redis_commands_processed_total', 'Commands so far.'],
  keyspace_hits: ['redis_keyspace_hits_total', 'Reads of a key that was there.'],
  keyspace_misses: ['redis_keyspace_misses_total', 'Reads of a key that was not.'],
  evicted_keys: ['redis_evicted_keys_total', 'Keys given up for lack of memory.'],
  expired_keys: ['redis_expired_keys_total', 'Keys whose time was over.'],
};

function gauge<Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> {
  return new Gauge({ name, help, labelNames, registers: [metrics.registry], collect: () => look() });
}

const fields = Object.entries(FIELDS).map(([field, [name, help]]) => [field, gauge(name, help)] as const);
const up = gauge('redis_up', '1 if Redis answered this scrape.');
const keys = gauge('redis_db_keys', 'Keys, by database.', 'db');
const expiring = gauge('redis_db_keys_expiring', 'Keys that expire, by database.', 'db');
const size = gauge('redis_key_size', 'Elements of a list that is looked at.', 'key');
const oldest = gauge(
  'queue_oldest_message_seconds',
  'How long the next one in a list has waited; 0 if there is none.',
  'key',
);

async function readAll(): Promise<void> {
  try {
    readInfo(String(await redis.ask('INFO')));
    for (const key of lists) await readList(key);
    up.set(1);
  } catch (error) {
    log.error('redis does not answer', { error: (error as Error).message });
    // What it was is not what it is: without an answer there are no values.
    for (const [, field] of fields) field.remove();
    for (const one of [keys, expiring, size, oldest]) one.reset();
    up.set(0);
  }
}

function readInfo(text: string): void {
  const lines = new Map(text.split('\r\n').map((line) => line.split(':') as [string, string]));
  for (const [field, one] of fields) one.set(Number(lines.get(field) ?? 0));
  keys.reset();
  expiring.reset();
  keys.set({ db: 'db0' }, 0);
  for (const [db, value] of lines) {
    const [, all, some] = /^keys=(\d+),expires=(\d+)/.exec(value ?? '') ?? [];
    if (all === undefined) continue;
    keys.set({ db }, Number(all));
    expiring.set({ db }, Number(some));
  }
}

async function readList(key: string): Promise<void> {
  size.set({ key }, Number(await redis.ask('LLEN', key)));
  const next = await redis.ask('LINDEX', key, 0);
  oldest.set({ key }, typeof next === 'string' ? secondsSince(next) : 0);
}

/** A message says itself when it was made; one that does not has waited for ever. */
function secondsSince(text: string): number {
  const at = Number(timeOf(text));
  return Number.isFinite(at) ? Math.max(0, (Date.now() - at) / 1000) : Number.POSITIVE_INFINITY;
}

function timeOf(text: string): number | undefined {
  try {
    return parseOrder(text).at;
  } catch {
    return undefined;
  }
}

void serveMetrics(APP, {
  metrics,
  log,
  onStop: () => redis.close(),
});
