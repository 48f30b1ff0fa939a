import type { IncomingMessage } from 'node:http';
import { Counter, Gauge } from 'prom-client';
import { CallError, createClient } from './shared/client.ts';
import { numberFromEnv, portsFromEnv } from './shared/env.ts';
import { createLog } from './shared/log.ts';
import { createMesh } from './shared/mesh.ts';
import { createMetrics } from './shared/metrics.ts';
import { type Reply, serve } from './shared/server.ts';

// A batch program of another team: copies the price list every few seconds and offers the copy as a file.
const APP = 'price-sync';

const log = createLog(APP);
const metrics = createMetrics();
const mesh = createMesh(APP, metrics.registry, process.env.POD_NAMESPACE ?? 'batch');
// As batch programs do: nothing is kept between two copies.
const client = createClient(mesh, { keepAlive: false });
const pricesUrl = process.env.PRICES_URL ?? 'http://edge.shop/prices';
const runs = new Counter({
  name: 'price_sync_runs_total',
  help: 'Copies of the price list, by outcome.',
  labelNames: ['outcome'],
  registers: [metrics.registry],
});

/** When the copy was made that is offered, in whole seconds, as Last-Modified tells it. */
const copiedAt = new Gauge({
  name: 'price_sync_list_timestamp_seconds',
  help: 'When the price list was copied that is offered as a file, in seconds since 1970.',
  registers: [metrics.registry],
});

let list: { body: string; seconds: number } | undefined;

/** The last copy, each with a version of its own: who follows it sees each copy that was made. */
function offer(request: IncomingMessage): Reply {
  if (!list) return { status: 503, body: { error: 'no price list yet' } };
  const etag = `"${list.seconds}"`;
  const headers = { etag, 'last-modified': new Date(list.seconds * 1000).toUTCString() };
  if (request.headers['if-none-match'] === etag) return { status: 304, body: '', headers };
  return { status: 200, body: list.body, headers: { ...headers, 'content-type': 'application/json' } };
}

async function sync(): Promise<void> {
  try {
    const { status, body } = await client.call('edge.shop', pricesUrl);
    if (status !== 200) throw new CallError(`HTTP_${status}`, 'no price list');
    const prices = JSON.parse(body);
    const seconds = Math.floor(Date.now() / 1000);
    list = { seconds, body: JSON.stringify({ asOf: new Date(seconds * 1000).toISOString(), prices }) };
    copiedAt.set(seconds);
    log.info('prices copied', { products: Object.keys(prices).length });
    runs.inc({ outcome: 'ok' });
  } catch (error) {
    log.error('prices not copied', { code: error instanceof CallError ? error.code : String(error) });
    runs.inc({ outcome: 'error' });
  }
}

void serve({
  ports: portsFromEnv('PORT', [8080]),
  metrics,
  mesh,
  log,
  routes: [{ method: 'GET', path: '/prices.json', handle: offer }],
  onStop: () => clearInterval(timer),
});
const timer = setInterval(sync, numberFromEnv('EVERY_SECONDS', 15) * 1000);
