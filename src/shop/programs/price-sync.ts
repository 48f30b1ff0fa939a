import { Counter } from 'prom-client';
import { CallError, createClient } from './shared/client.ts';
import { numberFromEnv } from './shared/env.ts';
import { createLog } from './shared/log.ts';
import { createMesh } from './shared/mesh.ts';
import { createMetrics } from './shared/metrics.ts';
import { serve } from './shared/server.ts';

// A batch job of another team: copies the price list every few seconds.
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

async function sync(): Promise<void> {
  try {
    const { status, body } = await client.call('edge.shop', pricesUrl);
    if (status !== 200) throw new CallError(`HTTP_${status}`, 'no price list');
    log.info('prices copied', { products: Object.keys(JSON.parse(body)).length });
    runs.inc({ outcome: 'ok' });
  } catch (error) {
    log.error('prices not copied', { code: error instanceof CallError ? error.code : String(error) });
    runs.inc({ outcome: 'error' });
  }
}

void serve({ ports: [], metrics, mesh, log, routes: [], onStop: () => clearInterval(timer) });
const timer = setInterval(sync, numberFromEnv('EVERY_SECONDS', 15) * 1000);
