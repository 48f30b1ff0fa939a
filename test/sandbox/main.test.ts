/** The sandbox as a program: it comes up, tells where it is, and leaves nothing behind however it ends. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { isAlive } from '../../src/alive.ts';
import { program } from '../../src/paths.ts';
import type { SandboxState } from '../../src/sandbox/api.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function start(
  ...args: string[]
): Promise<{ child: ChildProcess; state: SandboxState; steps: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const child = spawn(process.execPath, [program('sandbox.js'), '--folder', folder, '--progress', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started.push(child);
  const steps: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    const message = JSON.parse(line) as { ready?: SandboxState; component: string };
    if (message.ready) return { child, state: message.ready, steps };
    steps.push(message.component);
  }
  throw new Error('the sandbox ended before it was ready');
}

const kubectl = (state: SandboxState, ...args: string[]): string =>
  execFileSync('kubectl', ['--kubeconfig', state.kubeconfig, ...args], { encoding: 'utf8' });

/** Processes of this sandbox: all of them name its folder, or are children of one that does. */
function descendants(pid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  const children = rows.filter(([, parent]) => parent === pid).map(([child]) => child!);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

async function gone(pids: number[], withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (pids.some(isAlive) && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(pids.filter(isAlive)).toEqual([]);
}

test('it comes up with all pods of the shop ready, and SIGTERM removes everything', {
  timeout: 60_000,
}, async () => {
  const { child, state, steps } = await start();
  expect([...new Set(steps)]).toEqual(['control plane', 'nodes', 'monitor', 'shop']);
  expect(statSync(state.kubeconfig).mode & 0o777).toBe(0o600);
  expect(statSync(state.responderKubeconfig).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(join(state.folder, 'sandbox.json'), 'utf8'))).toEqual(state);
  const pods = kubectl(state, 'get', 'pods', '-A', '--no-headers').trim().split('\n');
  expect(pods.length).toBeGreaterThanOrEqual(8);
  expect(pods.filter((pod) => !/ (\d+)\/\1 +Running /.test(pod))).toEqual([]);
  const pids = descendants(child.pid!);
  expect(pids.length).toBeGreaterThanOrEqual(9);
  child.kill('SIGTERM');
  await gone([child.pid!, ...pids], 10_000);
  expect(existsSync(state.folder)).toBe(false);
});

/** Two pods: one that waits, and one that never comes out of its loop. */
async function startWithPods(): Promise<{ child: ChildProcess; state: SandboxState; pids: number[] }> {
  const { child, state } = await start('--stack', 'none');
  kubectl(state, 'run', 'idle', '--image=node:20', '--', 'node', '-e', 'setInterval(() => {}, 1000)');
  kubectl(state, 'run', 'busy', '--image=node:20', '--', 'node', '-e', 'while (true);');
  kubectl(state, 'wait', '--for=condition=Ready', 'pod/idle', 'pod/busy', '--timeout=20s');
  return { child, state, pids: descendants(child.pid!) };
}

test('after kill -9 of the sandbox no process is left', { timeout: 60_000 }, async () => {
  const { child, state, pids } = await startWithPods();
  // Two containers and their runtime; the second wall is a process around it.
  expect(pids).toHaveLength(state.wall.stands ? 4 : 3);
  child.kill('SIGKILL');
  await gone([child.pid!, ...pids], 5000);
  expect(existsSync(state.kubeconfig)).toBe(true);
});

test.runIf(process.platform === 'linux')(
  'after kill -9 of sandbox and container runtime at once no process is left',
  { timeout: 60_000 },
  async () => {
    const { child, pids } = await startWithPods();
    const runtime = pids.findLast((pid) => descendants(pid).length > 0)!;
    child.kill('SIGKILL');
    process.kill(runtime, 'SIGKILL');
    await gone([child.pid!, ...pids], 5000);
  },
);

test('with --lifeline it ends when its standard input closes', { timeout: 60_000 }, async () => {
  const { child, state } = await start('--lifeline', '--stack', 'none');
  child.stdin!.end();
  await gone([child.pid!], 10_000);
  expect(existsSync(state.folder)).toBe(false);
});

test('a sandbox whose folder was deleted ends by itself', { timeout: 60_000 }, async () => {
  const { child, state } = await start('--stack', 'none');
  const pids = [child.pid!, ...descendants(child.pid!)];
  rmSync(state.folder, { recursive: true, force: true });
  await gone(pids, 15_000);
  expect(existsSync(state.folder)).toBe(false);
});

test('a sandbox that cannot come up leaves its log, which says why', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const rules = ['--stack', 'none', '--rules', '/nowhere/rules.yaml'];
  const child = spawn(process.execPath, [program('sandbox.js'), '--folder', folder, ...rules], {
    stdio: 'ignore',
  });
  started.push(child);
  await gone([child.pid!], 20_000);
  expect(readFileSync(join(folder, 'sandbox.log'), 'utf8')).toContain('/nowhere/rules.yaml');
  expect(existsSync(join(folder, 'sandbox.json'))).toBe(false);
});
