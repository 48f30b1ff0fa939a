import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Counter, Gauge, Histogram } from 'prom-client';
import { CallError, createClient } from '../shared/client.ts';
import { numberFromEnv, portsFromEnv } from '../shared/env.ts';
import { createLog } from '../shared/log.ts';
import { createMesh } from '../shared/mesh.ts';
import { createMetrics, LATENCY_BUCKETS } from '../shared/metrics.ts';
import { type Reply, serve } from '../shared/server.ts';
import { watchFile } from '../shared/watched-file.ts';
import { askRegistry } from './registry.ts';
import { parseUpstreams, type Upstream } from './upstreams.ts';

// The load balancer of old: round robin over a file, no health checks of its own, no second try.
const APP = 'edge';
/** What is below this path is served by the cache of files, not by the tills. */
const ASSETS = '/assets/';
const CACHE_HEADERS = ['last-modified', 'etag', 'age', 'cache-control', 'x-cache'];

const log = createLog(APP);
const metrics = createMetrics();
const mesh = createMesh(APP, metrics.registry);
// As load balancers of old: a connection for each request.
const client = createClient(mesh, { keepAlive: false });
const connectTimeoutMs = numberFromEnv('CONNECT_TIMEOUT_MS', 1000);
const timeoutMs = numberFromEnv('UPSTREAM_TIMEOUT_MS', 10_000);
const assetsAddress = process.env.ASSETS_ADDR;
const assets: Upstream | undefined = assetsAddress ? { name: 'assets', address: assetsAddress } : undefined;
const registers = [metrics.registry];
const requests = new Counter({
  name: 'edge_upstream_requests_total',
  help: 'Requests passed on, by upstream entry and status code; code is the one given to the client.',
  labelNames: ['upstream', 'code'],
  registers,
});
const latency = new Histogram({
  name: 'edge_upstream_duration_seconds',
  help: 'Time until the upstream had answered or failed.',
  labelNames: ['upstream'],
  buckets: LATENCY_BUCKETS,
  registers,
});
const failures = new Counter({
  name: 'edge_upstream_failures_total',
  help: 'Requests to which an upstream gave no answer, by entry and reason: the code of the socket, or a time-out.',
  labelNames: ['upstream', 'reason'],
  registers,
});
const entries = new Gauge({ name: 'edge_upstreams', help: 'Entries in the upstreams file.', registers });
const loaded = new Gauge({
  name: 'edge_config_last_reload_successful',
  help: '1 if the upstreams file on disk is the one in use.',
  registers,
});

const upstreams = watchFile(
  process.env.UPSTREAMS_FILE ?? '/etc/edge/upstreams.yaml',
  parseUpstreams,
  (result) => {
    loaded.set('error' in result ? 0 : 1);
    if ('error' in result) return log.error('upstreams file not loaded', { error: result.error.message });
    entries.set(result.value.length);
    // A ratio of an entry that never answered needs its zero.
    for (const { name } of result.value) requests.inc({ upstream: name, code: '200' }, 0);
    // A rate sees the first failure of a kind only if there was a zero before.
    for (const { name } of result.value) failures.inc({ upstream: name, reason: 'ENOTFOUND' }, 0);
    log.info('upstreams loaded', { upstreams: result.value.map(({ address }) => address).join(',') });
  },
);
const known = askRegistry({
  url: process.env.REGISTRY_URL,
  client,
  registry: metrics.registry,
  log,
});
let turn = 0;

function pass(request: IncomingMessage, signal: AbortSignal): Promise<Reply> {
  if (assets && request.url?.startsWith(ASSETS)) return passTo(assets, request, signal);
  const all = upstreams.current() ?? [];
  const up = all.filter(({ address }) => !known.out().has(address));
  const list = up.length > 0 ? up : all;
  return passTo(list[turn++ % list.length], request, signal);
}

async function passTo(
  upstream: Upstream | undefined,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<Reply> {
  if (!upstream) return { status: 503, body: { error: 'no upstream' } };
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const finished = latency.startTimer({ upstream: upstream.name });
  const reply = await client
    .call(identityOf(upstream.address), `http://${upstream.address}${request.url ?? '/'}`, {
      method: request.method,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      connectTimeoutMs,
      timeoutMs,
      signal,
    })
    .then(
      (answer): Reply => ({
        status: answer.status,
        body: answer.body,
        headers: cacheHeaders(answer.headers),
      }),
      (error: unknown): Reply => {
        if (!(error instanceof CallError)) throw error;
        failures.inc({ upstream: upstream.name, reason: error.code });
        log.error('upstream failed', {
          upstream: upstream.name,
          address: upstream.address,
          code: error.code,
        });
        return error.code === 'TIMEOUT'
          ? { status: 504, body: { error: 'upstream timed out' } }
          : { status: 502, body: { error: 'upstream failed' } };
      },
    );
  finished();
  requests.inc({ upstream: upstream.name, code: String(reply.status) });
  return reply;
}

/** What tells a client how old a file is. */
function cacheHeaders(from: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    CACHE_HEADERS.flatMap((name) => {
      const value = from[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

/** `storefront:8001` is `storefront.shop` in the mesh, `host.other.svc:80` is `host.other`. */
function identityOf(address: string): string {
  const [name, namespace = process.env.POD_NAMESPACE ?? 'shop'] = address.split(':')[0]!.split('.');
  return `${name}.${namespace}`;
}

void serve({
  ports: portsFromEnv('PORT', [8080]),
  metrics,
  mesh,
  log,
  routes: ['/', '/prices', '/quote']
    .map((path) => ({ method: 'GET', path, handle: pass }))
    .concat({
      method: 'POST',
      path: '/pay',
      handle: pass,
    }),
  fallback: pass,
  onStop() {
    upstreams.stop();
    known.stop();
  },
});
