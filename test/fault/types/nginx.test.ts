import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { until } from '../../../src/cluster/wait/until.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { skipsWithout } from '../../slow/monitor/installed.ts';
import { bench } from '../bench.ts';

const skips = skipsWithout('nginx', 'nginx-light');
const ref = { kind: 'configmap', namespace: 'batch', name: 'gateway' };
const servers: Server[] = [];
let folder: string;
let ports: number[];
let door: number;
let configuration: string;

beforeAll(async () => {
  if (skips) return;
  folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  for (let index = 0; index < 3; index += 1) {
    const server = createServer((_, response) => response.end(`till-${index + 1}`));
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
  }
  ports = servers.map((server) => (server.address() as AddressInfo).port);
  door = await freePort();
  configuration = `# the front door
worker_processes 1;
error_log ${folder}/error.log;
pid ${folder}/pid;
events { worker_connections 64; }
http {
  access_log off;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  upstream tills {  # server 127.0.0.1:1 was the first
    server 127.0.0.1:${ports[0]} max_fails=0;   # till 1
    server 127.0.0.1:${ports[1]} max_fails=0;
    server 127.0.0.1:${ports[2]} max_fails=0; }
  server {
    listen 127.0.0.1:${door};
    location / { proxy_pass http://tills; proxy_next_upstream off; proxy_connect_timeout 2s; }
  }
}
`;
});
afterAll(() => {
  if (skips) return;
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(skips)('an upstream block in a ConfigMap, served by the real nginx', () => {
  const at = bench();

  beforeAll(async () => {
    await at.cluster.create({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'gateway', namespace: 'batch' } },
      data: { 'nginx.conf': configuration },
    });
    // The addresses of pods tell in which range a dead one looks right: here it must be one of this machine.
    await at.cluster.create({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'till', namespace: 'batch' } },
      spec: { containers: [{ name: 'main', image: 'node:20-slim' }] },
    });
    await until(async () => ({ holds: (await podStatus())?.phase === 'Running', seen: '' }), 20, realClock);
    at.plane.server.api.update(
      'pods',
      'batch',
      'till',
      (draft) => {
        Object.assign(draft.status, { podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] });
        return draft;
      },
      { subresource: 'status', by: 'kubelet' },
    );
  });
  const podStatus = async () =>
    (await at.cluster.get({ kind: 'pod', namespace: 'batch', name: 'till' }))?.status as
      | { phase?: string }
      | undefined;

  const upstream = (spec: Record<string, unknown>) => ({
    upstream: { configMap: 'batch/gateway', key: 'nginx.conf', ...spec },
  });

  it.each([
    ['dead: one in three fails', { entry: 2, becomes: 'dead' }, { '502': 10, 'till-1': 10, 'till-3': 10 }],
    ['removed: the others take its share', { entry: 1, becomes: 'removed' }, { 'till-2': 15, 'till-3': 15 }],
    [
      'weighted: one gets the most',
      { entry: 3, becomes: 'weighted', weight: 4 },
      { 'till-1': 5, 'till-2': 5, 'till-3': 20 },
    ],
    [
      'one more, dead: one in four fails',
      { entry: 'add', becomes: 'dead' },
      { '502': 8, 'till-1': 8, 'till-2': 7, 'till-3': 7 },
    ],
  ])('has an entry that is %s', async (_, spec, expected) => {
    const plan = await at.plan(upstream(spec));
    await apply(plan.operations, at.game.engine);
    const broken = await textNow();
    expect(broken).not.toBe(configuration);
    // What the fault is not about stays as it was written.
    const kept = configuration.split('\n').filter((line) => !/^ +server 127/.test(line));
    for (const line of kept) expect(broken).toContain(line);
    const seen = await served(broken, 30);
    for (const [answer, count] of Object.entries(expected))
      expect(Math.abs((seen[answer] ?? 0) - count), JSON.stringify(seen)).toBeLessThanOrEqual(1);
    await revert(at.game.engine, { undoResponder: true });
    expect(await textNow()).toBe(configuration);
  });

  it('leads everybody to all of them when nothing is broken', async () => {
    expect(await served(configuration, 30)).toEqual({ 'till-1': 10, 'till-2': 10, 'till-3': 10 });
  });

  const textNow = async () => ((await at.cluster.get(ref))!.data as Record<string, string>)['nginx.conf']!;
});

/** Starts nginx with a configuration and counts what so many requests get: a till, or the status of an error. */
async function served(text: string, requests: number): Promise<Record<string, number>> {
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, text);
  const nginx = spawn('nginx', ['-p', folder, '-c', file, '-g', 'daemon off; master_process off;'], {
    stdio: 'pipe',
  });
  try {
    await answering(nginx);
    const seen: Record<string, number> = {};
    for (let count = 0; count < requests; count += 1) {
      const answer = await ask();
      seen[answer] = (seen[answer] ?? 0) + 1;
    }
    return seen;
  } finally {
    const ended = once(nginx, 'exit');
    if (nginx.exitCode === null && nginx.kill('SIGTERM')) await ended;
  }
}

/** Waits for the port, without a request that would count. */
async function answering(nginx: ChildProcess): Promise<void> {
  let errors = '';
  nginx.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  for (let turn = 0; turn < 200; turn += 1) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended: ${errors}`);
    if (await isOpen(door)) return;
    await sleep(50);
  }
  throw new Error(`nginx does not listen: ${errors}`);
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function ask(): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: door, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve(response.statusCode === 200 ? body : String(response.statusCode)));
    }).on('error', reject);
  });
}

/** nginx cannot be told to take any port and say which: it gets one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
