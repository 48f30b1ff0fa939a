import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Clock, realClock } from '../../../src/clock.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';

const rounds = 1000;

/** How a watch ends, in turn. The bodies are what a server has sent by then. */
const breaks: ((request: http.IncomingMessage, response: http.ServerResponse) => void)[] = [
  (request) => void request.socket.destroy(),
  (_, response) => void response.end(),
  (request, response) => {
    response.write(`${event('1')}\n${event('2').slice(0, 30)}`, () => request.socket.destroy());
  },
  (request, response) => {
    response.flushHeaders();
    setTimeout(() => request.socket.resetAndDestroy(), 2);
  },
  (_, response) => void response.end(`${event('3')}\n`),
  (_, response) =>
    void response.end('{"type":"ERROR","object":{"kind":"Status","code":410}}\nmore that nobody reads\n'),
  (_, response) => void response.end('this is not JSON\n'),
  (_, response) => void response.writeHead(500).end('no'),
  (_, response) => {
    // Never ended by the server: the watch leaves at the error, and has to close the connection itself.
    response.write('{"type":"ERROR","object":{"kind":"Status","code":500,"message":"broken"}}\n');
  },
];

const event = (resourceVersion: string) =>
  JSON.stringify({
    type: 'MODIFIED',
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', uid: 'a', resourceVersion } },
  });

let folder: string;
let server: http.Server;
const sockets = new Set<Socket>();
let watches = 0;
/** Asked before each watch is answered. */
let onWatch: (round: number) => void = () => undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
  server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
    response.setHeader('content-type', 'application/json');
    if (searchParams.get('watch') === 'true') {
      watches += 1;
      onWatch(watches);
      if (watches > rounds) return void response.flushHeaders();
      return breaks[watches % breaks.length]?.(request, response);
    }
    response.writeHead(pathname in answers ? 200 : 404);
    response.end(JSON.stringify(answers[pathname] ?? { kind: 'Status', code: 404 }));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Broken off on purpose.
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

it('leaves no listener, timer or socket after a thousand watches that the server broke', async () => {
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, stringify(config((server.address() as AddressInfo).port)));
  // Back-off grows to seconds; its own course is tested elsewhere.
  const hasty: Clock = { ...realClock, sleep: (ms, signal) => realClock.sleep(Math.min(ms, 1), signal) };
  const cluster = await connect({ kubeconfig, clock: hasty });
  const stop = new AbortController();
  const seen: Counts[] = [];
  const isOver = new Promise<void>((resolve) => {
    onWatch = (round) => {
      if (round % 100 === 5) seen.push(counts(stop.signal));
      if (round > rounds) resolve();
    };
  });
  const watching = cluster.watch({ kind: 'pods' }, {}, () => undefined, stop.signal).catch(() => undefined);
  await isOver;
  const [first, ...later] = seen;
  expect(later).toHaveLength(9);
  for (const each of later) {
    expect(each.listeners).toBeLessThanOrEqual(first!.listeners);
    expect(each.sockets).toBeLessThanOrEqual(first!.sockets + 2);
    expect(each.resources).toBeLessThanOrEqual(first!.resources + 6);
  }
  stop.abort();
  await watching;
  cluster.close();
  await expect.poll(() => sockets.size).toBe(0);
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
}, 60_000);

interface Counts {
  /** On the signal that ends the watch. */
  listeners: number;
  /** Open at the server. */
  sockets: number;
  /** Of this process: timers, sockets and requests. */
  resources: number;
}

function counts(signal: AbortSignal): Counts {
  return {
    listeners: getEventListeners(signal, 'abort').length,
    sockets: sockets.size,
    resources: process.getActiveResourcesInfo().length,
  };
}

const pods = { name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['list', 'watch'] };

const answers: Record<string, unknown> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources: [pods] },
  '/api/v1/pods': { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: [] },
};

function config(port: number) {
  const name = 'test';
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': name },
    clusters: [{ name, cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: { token: 'a-token' } }],
  };
}
