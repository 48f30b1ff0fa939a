import type { IncomingMessage } from 'node:http';
import { Counter } from 'prom-client';
import { type Database, DatabaseError, openDatabase } from '../shared/database.ts';
import { numberFromEnv, portsFromEnv } from '../shared/env.ts';
import { createLog } from '../shared/log.ts';
import { createMesh } from '../shared/mesh.ts';
import { createMetrics } from '../shared/metrics.ts';
import { type Reply, serve } from '../shared/server.ts';
import { Cached } from './cached.ts';
import { sql } from './queries.ts';

// What the app shows: read through the cache from the database.
const APP = 'catalog';

const log = createLog(APP);
const metrics = createMetrics();
const mesh = createMesh(APP, metrics.registry);
const database: Database = openDatabase(APP, metrics.registry, log);
const cached = new Cached({
  address: process.env.CACHE_ADDR,
  seconds: numberFromEnv('CACHE_SECONDS', 3600),
  registry: metrics.registry,
  log,
});
const orders = new Counter({
  name: 'catalog_orders_total',
  help: 'Orders ahead that were taken.',
  registers: [metrics.registry],
});

/** Where the database has no answer in time: 504; where it has none at all: 503. */
async function answering(reply: () => Promise<Reply>): Promise<Reply> {
  try {
    return await reply();
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    // 57014: query_canceled, by statement_timeout.
    const late = ['57014', 'QUERY_TIMEOUT'].includes(error.code);
    return { status: late ? 504 : 503, body: { error: 'no answer from the database' } };
  }
}

function number(request: IncomingMessage, name: string): number | undefined {
  const value = Number(new URL(request.url ?? '/', 'http://catalog').searchParams.get(name) ?? Number.NaN);
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : undefined;
}

const expected = (...names: string[]): Reply => ({
  status: 400,
  body: { error: `expected ${names.join(' and ')} to be a number above 0` },
});

function menu(): Promise<Reply> {
  return answering(async () => ({
    status: 200,
    body: await cached.get('catalog:menu', () => database.query('menu', sql.menu)),
  }));
}

async function product(request: IncomingMessage): Promise<Reply> {
  const id = number(request, 'id');
  if (id === undefined) return expected('id');
  return answering(async () => {
    const rows = await cached.get(`catalog:product:${id}`, () =>
      database.query('product', sql.product, [id]),
    );
    return rows[0] ? { status: 200, body: rows[0] } : { status: 404, body: { error: 'no such product' } };
  });
}

async function favourites(request: IncomingMessage): Promise<Reply> {
  const cafe = number(request, 'cafe');
  if (cafe === undefined) return expected('cafe');
  return answering(async () => ({
    status: 200,
    body: await database.query('favourites', sql.favourites, [cafe]),
  }));
}

async function order(request: IncomingMessage): Promise<Reply> {
  const [cafe, id] = [number(request, 'cafe'), number(request, 'product')];
  if (cafe === undefined || id === undefined) return expected('cafe', 'product');
  return answering(async () => {
    const rows = await database.query('order', sql.order, [cafe, id]);
    if (!rows[0]) return { status: 404, body: { error: 'no such product' } };
    orders.inc();
    return { status: 201, body: rows[0] };
  });
}

void serve({
  ports: portsFromEnv('PORT', [8080]),
  metrics,
  mesh,
  log,
  routes: [
    { method: 'GET', path: '/menu', handle: menu },
    { method: 'GET', path: '/product', handle: product },
    { method: 'GET', path: '/favourites', handle: favourites },
    { method: 'POST', path: '/orders', handle: order },
  ],
  async onStop() {
    cached.close();
    await database.close();
  },
});
