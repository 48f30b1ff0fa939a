/**
 * Twenty-three attempts to hold up the sandbox from a pod, a command in a pod or a query. During each of them the API server
 * answers: measured are `kubectl get pods` as a person waits for it, and /livez, both beside the same without any attempt.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isAlive } from '../../../src/alive.ts';
import { program } from '../../../src/paths.ts';
import type { SandboxState } from '../../../src/sandbox/api.ts';

/** How much longer than without an attempt an answer may take on a busy machine, ms. One that stands still takes longer. */
const LATER_MS = 2000;
const WATCHED_MS = 1500;

let sandbox: ChildProcess;
let state: SandboxState;
let server: RequestOptions;
let quiet: { kubectl: number; livez: number };
const attempts: ChildProcess[] = [];
const rows: string[] = [];

const run = promisify(execFile);
const kubectl = (...args: string[]): Promise<{ stdout: string }> =>
  run('kubectl', ['--kubeconfig', state.kubeconfig, ...args], { timeout: 60_000 });

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'endless-'));
  sandbox = spawn(process.execPath, [
    ...[program('sandbox.js'), '--folder', folder, '--progress', '--stack', 'none', '--lifeline'],
  ]);
  for await (const line of createInterface({ input: sandbox.stdout! })) {
    const message = JSON.parse(line) as { ready?: SandboxState };
    if (!message.ready) continue;
    state = message.ready;
    break;
  }
  const config = parse(readFileSync(state.kubeconfig, 'utf8'));
  const { server: url, 'certificate-authority-data': ca } = config.clusters[0].cluster;
  const token = config.users[0].user.token as string;
  const { hostname, port } = new URL(url);
  const headers = { authorization: `Bearer ${token}` };
  server = { hostname, port, ca: Buffer.from(ca, 'base64'), path: '/livez', headers, agent: false };
  await kubectl('run', 'box', '--image=busybox:1', '--', 'sleep', '3600');
  await kubectl('wait', '--for=condition=Ready', 'pod/box', '--timeout=30s');
  quiet = await measured(new Promise((resolve) => setTimeout(resolve, WATCHED_MS)));
  rows.push(`nothing: kubectl get pods ${quiet.kubectl} ms, /livez ${quiet.livez} ms`);
}, 120_000);

afterEach(() => {
  for (const child of attempts.splice(0)) child.kill('SIGKILL');
});

afterAll(async () => {
  process.stdout.write(`${rows.join('\n')}\n`);
  sandbox.stdin!.end();
  await new Promise((resolve) => sandbox.once('exit', resolve));
  rmSync(state.folder, { recursive: true, force: true });
});

function livez(): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request({ ...server, timeout: 30_000 }, (response) => {
      response.resume().on('end', () => resolve(performance.now() - began));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer of /livez for 30 s')));
    asked.on('error', reject).end();
  });
}

/** The longest answers until `until` resolves, and one of each afterwards at least; ms. */
async function measured(until: Promise<unknown>): Promise<{ kubectl: number; livez: number }> {
  let over = false;
  void until.then(() => {
    over = true;
  });
  const longest = { kubectl: 0, livez: 0 };
  const people = async (): Promise<void> => {
    do {
      const began = performance.now();
      await kubectl('get', 'pods');
      longest.kubectl = Math.max(longest.kubectl, Math.round(performance.now() - began));
    } while (!over);
  };
  const machines = async (): Promise<void> => {
    do {
      longest.livez = Math.max(longest.livez, Math.round(await livez()));
      await new Promise((resolve) => setTimeout(resolve, 50));
    } while (!over);
  };
  await Promise.all([people(), machines()]);
  return longest;
}

async function holdsUpNobody(title: string, watched = WATCHED_MS): Promise<void> {
  const seen = await measured(new Promise((resolve) => setTimeout(resolve, watched)));
  rows.push(`${title}: kubectl get pods ${seen.kubectl} ms, /livez ${seen.livez} ms`);
  expect(seen.livez).toBeLessThan(quiet.livez + LATER_MS);
  expect(seen.kubectl).toBeLessThan(quiet.kubectl + LATER_MS);
  expect(isAlive(sandbox.pid!)).toBe(true);
}

const many = 'a'.repeat(60);

test.each<[string, string]>([
  ['a regular expression with nested quantifiers', `echo ${many}! | grep -E "(a+)+$"`],
  ['a sort of three million lines', 'seq 1 3000000 | sort -n | tail -n 1'],
  ['case with many stars', `case ${many} in *a*a*a*a*a*a*a*a*a*a*a*a*b) echo;; esac; sleep 5`],
  ['the end of a text stripped by many stars', `x=${many}${many}; echo \${x##*a*a*a*a*a*a*a*a*b}; sleep 5`],
  ['an endless loop', 'while true; do :; done'],
  ['eight endless loops', 'for i in 1 2 3 4 5 6 7 8; do (while true; do :; done) & done; sleep 60'],
  ['a count to a trillion that is read', 'seq 1 1000000000000'],
  ['a count to a trillion that nobody reads', 'seq 1 1000000000000 | sleep 60'],
  ['a text that doubles', 'x=0123456789abcdef; while true; do x=$x$x; done'],
  ['a script that evaluates itself', `x='eval "$x"'; eval "$x"; sleep 5`],
  ['a fork bomb', 'bomb="sh -c \\"\\$bomb\\" & sh -c \\"\\$bomb\\""; export bomb; sh -c "$bomb"'],
  ['ten thousand brackets', `${'('.repeat(10_000)}`],
  [
    'a long file that is turned around again and again',
    'seq 1 500000 > /tmp/f; while true; do sort -r /tmp/f | tr 0-9 a-j | uniq | wc; done',
  ],
  ['a file that is followed', 'seq 1 1000000 > /tmp/g; tail -f /tmp/g'],
])('in a pod: %s', async (title, script) => {
  const args = ['--kubeconfig', state.kubeconfig, 'exec', 'box', '--', 'sh', '-c', script];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  attempts.push(child);
  child.stdout.resume();
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await holdsUpNobody(title);
  // It did begin.
  expect(said).not.toMatch(/error:|unable to|refused/i);
});

test('the measure notices a sandbox that stands still', async () => {
  sandbox.kill('SIGSTOP');
  setTimeout(() => sandbox.kill('SIGCONT'), LATER_MS + quiet.livez + 500);
  const seen = await measured(Promise.resolve());
  expect(seen.livez).toBeGreaterThan(quiet.livez + LATER_MS);
});

test('case Q12: the sort of three million lines has an answer', async () => {
  const { stdout } = await kubectl('exec', 'box', '--', 'sh', '-c', 'seq 1 3000000 | sort -n | tail -n 1');
  expect(stdout).toBe('3000000\n');
});

test('a client that reads nothing of what a command prints without end, and one that sends without end', async () => {
  const base = ['--kubeconfig', state.kubeconfig, 'exec'];
  attempts.push(
    spawn('kubectl', [...base, 'box', '--', 'seq', '1', '1000000000000'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const sender = spawn('kubectl', [...base, '-i', 'box', '--', 'sleep', '60'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  attempts.push(sender);
  sender.stdin.on('error', () => undefined);
  const block = Buffer.alloc(2 ** 20);
  const more = (): void => void (sender.stdin.writable && sender.stdin.write(block, more));
  more();
  await holdsUpNobody('a client that does not read and one that sends without end');
});

test.each<[string, string]>([
  [
    '300 MB of log without a newline',
    "const b = 'x'.repeat(1e6); let n = 0; const w = () => n++ < 300 ? process.stdout.write(b, w) : setInterval(() => {}, 1e3); w()",
  ],
  ['a program that never comes out of its loop', 'while (true);'],
  [
    'an answer to a probe that never ends',
    "require('http').createServer((q, s) => { const w = () => { while (s.write('x'.repeat(65536))); s.once('drain', w); }; w(); }).listen(80)",
  ],
])('a pod with %s', async (title, source) => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'guest' },
    spec: {
      containers: [
        {
          name: 'a',
          image: 'node:20',
          command: ['node', '-e', source],
          ...(title.includes('probe') && {
            readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 },
          }),
        },
      ],
    },
  };
  const child = run('kubectl', ['--kubeconfig', state.kubeconfig, 'create', '-f', '-']);
  child.child.stdin!.end(JSON.stringify(pod));
  await child;
  await holdsUpNobody(title, 3000);
  await kubectl('delete', 'pod', 'guest', '--grace-period=0', '--force');
});

test('a pod with 20 MB of short lines in its log, of which one is asked for', async () => {
  const source = `for (let n = 0; n < 500; n++) process.stdout.write('0123456789\\n'.repeat(1000))`;
  await kubectl('run', 'talker', '--image=node:20', '--restart=Never', '--', 'node', '-e', source);
  await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/talker', '--timeout=60s');
  const asked = kubectl('logs', 'talker', '--tail=1');
  await holdsUpNobody('one line of a long log');
  expect((await asked).stdout).toBe('0123456789\n');
});

test.each<[string, string]>([
  ['up[5m:1m]', '1e99'],
  ['max_over_time(up[1y:1s])', ''],
  ['up{job=~"([a-z0-9-]+)+!"}', ''],
  ['sum_over_time(sum(rate(up[1h]))[1y:1s])', ''],
])('case Q11: the query %s', async (query, time) => {
  const url = new URL('/api/v1/query', state.prometheus);
  url.searchParams.set('query', query);
  if (time) url.searchParams.set('time', time);
  const asking = new AbortController();
  const answer = fetch(url, { signal: asking.signal }).then(
    (it) => it.status,
    () => 0,
  );
  await holdsUpNobody(query);
  asking.abort();
  expect([0, 200, 400, 422, 503]).toContain(await answer);
});
