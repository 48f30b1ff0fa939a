import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { Counter, Gauge } from 'prom-client';
import { numberFromEnv } from './shared/env.ts';
import { createLog } from './shared/log.ts';
import { createMetrics } from './shared/metrics.ts';
import { serveMetrics } from './shared/server.ts';
import { watchFile } from './shared/watched-file.ts';

// The way to the queue from outside of its subnet: hands TCP connections on, and forgets those on which nothing is sent. As with
// many a load balancer, the server behind is told of that, the client is not: it hears of it when it next sends something.
const APP = 'queue-proxy';
const LOOK_EVERY_MS = 250;

const log = createLog(APP);
const metrics = createMetrics();
const target = process.env.TARGET ?? 'queue:6379';
const registers = [metrics.registry];
const ended = new Counter({
  name: 'queue_proxy_connections_ended_total',
  help: 'Connections that ended, by who or what ended them.',
  labelNames: ['by'],
  registers,
});
for (const by of ['client', 'server', 'idle']) ended.inc({ by }, 0);
const idleTimeout = new Gauge({
  name: 'queue_proxy_idle_timeout_seconds',
  help: 'A connection is forgotten after so long without a byte.',
  registers,
});
const loaded = new Gauge({
  name: 'queue_proxy_config_last_reload_successful',
  help: '1 if the settings on disk are those in use.',
  registers,
});

const idle = watchFile(
  join(process.env.SETTINGS ?? '/etc/queue-proxy', 'idleSeconds'),
  parseSeconds,
  (result) => {
    loaded.set('error' in result ? 0 : 1);
    if ('error' in result) return log.error('settings not read', { error: result.error.message });
    idleTimeout.set(result.value);
    log.info('settings read', { idleSeconds: result.value });
  },
);

function parseSeconds(text: string): number {
  const seconds = Number(text.trim());
  if (!(seconds > 0)) throw new Error(`Expected idleSeconds to be a number above 0, got "${text.trim()}".`);
  return seconds;
}

/** A connection that is handed on, and when the last byte went through it. */
interface Flow {
  client: Socket;
  server: Socket;
  last: number;
}

const flows = new Set<Flow>();
new Gauge({
  name: 'queue_proxy_connections',
  help: 'Connections that are handed on.',
  registers,
  collect() {
    this.set(flows.size);
  },
});

function accept(client: Socket): void {
  const [host, port] = target.split(':');
  const server = connect({ host: host!, port: Number(port) });
  const flow: Flow = { client, server, last: performance.now() };
  flows.add(flow);
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      flow.last = performance.now();
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('error', () => undefined);
    from.once('close', () => {
      to.destroy();
      if (flows.delete(flow)) ended.inc({ by: from === client ? 'client' : 'server' });
    });
  }
}

/** The server's side is closed; who still sends on the client's side is told then, by a reset. */
function forget({ client, server }: Flow): void {
  ended.inc({ by: 'idle' });
  client.removeAllListeners('data');
  server.removeAllListeners('close');
  server.destroy();
  client.on('data', () => client.resetAndDestroy());
  client.resume();
}

setInterval(() => {
  const idleMs = (idle.current() ?? Number.POSITIVE_INFINITY) * 1000;
  for (const flow of flows) {
    if (performance.now() - flow.last < idleMs) continue;
    flows.delete(flow);
    forget(flow);
  }
}, LOOK_EVERY_MS);

const port = numberFromEnv('LISTEN', 6379);
const proxy = createServer(accept).listen(port, () => {
  const address = proxy.address() as { port: number };
  log.info('handing on', { port: address.port, target });
  void serveMetrics(APP, {
    metrics,
    log,
    onStop: () => void proxy.close(),
  });
});
