/** `misfortune sandbox` as a person types it, with a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isAlive } from '../../src/alive.ts';
import { program } from '../../src/paths.ts';

const home = mkdtempSync(join(tmpdir(), 'home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function misfortune(...args: string[]): { child: ChildProcess; ended: Promise<Ended>; err: () => string } {
  const env = { ...process.env, MISFORTUNE_HOME: home };
  const child = spawn(process.execPath, [program('cli.js'), 'sandbox', ...args], { env });
  let out = '';
  let err = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended, err: () => err };
}

/** Processes whose command line names this test's home; where there is no /proc, none. */
function left(): string[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && isAlive(Number(pid)))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(home));
}

test('case C3: Ctrl-C during `sandbox start` ends what it started, with exit code 130', async () => {
  const { child, ended, err } = misfortune('start');
  await expect.poll(err, { timeout: 30_000 }).toContain('shop ');
  child.kill('SIGINT');
  const began = performance.now();
  const { code, err: said } = await ended;
  expect(said).not.toContain('defect');
  expect(said).toContain('Interrupted: the sandbox was stopped while it started.');
  expect(code).toBe(130);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(left()).toEqual([]);
  expect(existsSync(join(home, 'sandbox/sandbox.json'))).toBe(false);
});

test('a wrong --idle is refused', async () => {
  const { code, err } = await misfortune('start', '--idle', '-1').ended;
  expect(err).toContain('Expected minutes from 1 to 10080, or never, for --idle, got "-1".');
  expect(code).toBe(2);
});

test('status says where the log of a sandbox that died is', async () => {
  const none = await misfortune('status').ended;
  expect(none.err).toContain('No sandbox runs.');
  expect(none.err).not.toContain('died');
  mkdirSync(join(home, 'sandbox'), { recursive: true });
  writeFileSync(join(home, 'sandbox/sandbox.log'), 'FATAL ERROR: Reached heap limit\n');
  const { err } = await misfortune('status').ended;
  expect(err).toContain(`No sandbox runs. One crashed; its log is ${join(home, 'sandbox/sandbox.log')}.`);
});
