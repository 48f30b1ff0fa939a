import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContext } from 'node:tls';
import { numberFromEnv } from './env.ts';
import type { Log } from './log.ts';
import { createMesh, type Mesh } from './mesh.ts';
import type { ProgramMetrics } from './metrics.ts';

export interface Reply {
  status: number;
  /** Sent as JSON, a string as it is. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** `route` is the pattern used as a label: never the raw path, which would make a series of each. */
interface Route {
  method: string;
  path: string;
  handle(request: IncomingMessage, signal: AbortSignal): Promise<Reply> | Reply;
}

export interface ServiceOptions {
  routes: readonly Route[];
  /** Ports for the routes; none for a program that only calls others. 0 takes any free port. */
  ports: readonly number[];
  /** Ports for the routes with TLS, and the certificate by the name that a client asks for. */
  tls?: { ports: readonly number[]; contextOf(host: string): SecureContext | undefined };
  metrics: ProgramMetrics;
  mesh: Mesh;
  log: Log;
  /** Pages beside /healthz, /readyz and /metrics on ADMIN_PORT, by path. */
  pages?: Readonly<Record<string, () => Reply>>;
  /** Answers every request that no route takes; by default 404. */
  fallback?: Route['handle'];
  /** Runs after the last request was answered. */
  onStop?(): Promise<void> | void;
}

/** Keeps connections young, so that a new replica behind a Service gets its share soon. */
const REQUESTS_PER_CONNECTION = 500;
/** Longer than any client of the shop leaves a connection idle: the client closes first. */
const KEEP_ALIVE_MS = 65_000;

/**
 * Serves the routes, and /healthz, /readyz and /metrics on ADMIN_PORT (9090). On SIGTERM: not ready, then
 * DRAIN_SECONDS (2) in which endpoints forget this pod, then no new connections, then exit 0 when all is answered.
 */
export async function serve({
  routes,
  ports,
  tls,
  metrics,
  mesh,
  log,
  pages = {},
  fallback,
  onStop,
}: ServiceOptions): Promise<void> {
  let draining = false;
  const table = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    const route = table.get(`${request.method} ${path}`);
    const labels = { route: route?.path ?? (fallback ? '*' : 'unknown'), method: request.method ?? '' };
    const seen = mesh.inbound(request);
    const started = performance.now();
    const gone = new AbortController();
    metrics.inflight.inc();
    response.once('close', () => {
      metrics.inflight.dec();
      // 499: the client went away before its answer, as nginx counts it.
      const status = response.writableFinished ? response.statusCode : 499;
      if (status === 499) gone.abort();
      seen(status);
      const code = String(status);
      metrics.requests.inc({ ...labels, code });
      metrics.duration.observe({ ...labels, code }, (performance.now() - started) / 1000);
    });
    if (draining) response.setHeader('connection', 'close');
    try {
      const handle = route?.handle ?? fallback;
      send(
        response,
        handle ? await handle(request, gone.signal) : { status: 404, body: { error: 'not found' } },
      );
    } catch (error) {
      log.error('request failed', {
        route: labels.route,
        error: error instanceof Error ? error.message : String(error),
      });
      send(response, { status: 500, body: { error: 'internal error' } });
    }
  };

  const admin = createServer(async (request, response) => {
    if (request.url === '/metrics') {
      response.setHeader('content-type', metrics.registry.contentType);
      response.end(await metrics.registry.metrics());
    } else if (request.url === '/healthz') send(response, { status: 200, body: 'ok' });
    else if (request.url === '/readyz')
      send(response, draining ? { status: 503, body: 'draining' } : { status: 200, body: 'ok' });
    else send(response, pages[request.url ?? '']?.() ?? { status: 404, body: 'not found' });
  });
  const servers = [
    ...ports.map(() => createServer(answer)),
    ...(tls?.ports ?? []).map(() =>
      createTlsServer({ SNICallback: (host, done) => done(null, tls?.contextOf(host)) }, answer),
    ),
  ];
  const wanted = [...ports, ...(tls?.ports ?? [])];
  for (const server of servers) {
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  }
  const bound = await Promise.all(servers.map((server, index) => listen(server, wanted[index]!)));
  const adminPort = await listen(admin, numberFromEnv('ADMIN_PORT', 9090));
  log.info('listening', { ports: bound.join(','), adminPort });

  const stop = async () => {
    if (draining) return;
    draining = true;
    log.info('stopping', { reason: 'SIGTERM' });
    await new Promise((resolve) => setTimeout(resolve, numberFromEnv('DRAIN_SECONDS', 2) * 1000));
    await Promise.all(servers.map(close));
    await onStop?.();
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** For a program that nobody calls: what probes and Prometheus ask for. @param app its name in the mesh */
export function serveMetrics(
  app: string,
  { metrics, log, onStop }: Pick<ServiceOptions, 'metrics' | 'log' | 'onStop'>,
): Promise<void> {
  return serve({ ports: [], metrics, mesh: createMesh(app, metrics.registry), log, routes: [], onStop });
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
