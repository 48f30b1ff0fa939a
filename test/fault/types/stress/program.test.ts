import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { program } from '../../../../src/paths.ts';

/** Runs it; gives its exit code and what it printed, by the message. */
async function run(env: Record<string, string>, look?: (pid: number) => Promise<void>) {
  const child = spawn(process.execPath, [program('programs/stress.cjs')], { env, stdio: 'pipe' });
  const ended = once(child, 'exit');
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece) => {
      text += piece;
    });
  await look?.(child.pid!);
  child.kill('SIGTERM');
  const [code] = await ended;
  return { code, text };
}

/** CPU seconds and resident bytes of a process: man 5 proc. */
function usage(pid: number): { cpu: number; bytes: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { cpu: (fields[11]! + fields[12]!) / 100, bytes: fields[21]! * 4096 };
}

const isLinux = process.platform === 'linux';

it.runIf(isLinux)('keeps its share of a core busy, and no more', async () => {
  const used: number[] = [];
  const idle: number[] = [];
  for (const [cores, into] of [
    ['0.5', used],
    ['0', idle],
  ] as const)
    await run({ CORES: cores }, async (pid) => {
      // What it takes to start is not counted.
      await sleep(1000);
      const [before, began] = [usage(pid).cpu, performance.now()];
      await sleep(2000);
      into.push(((usage(pid).cpu - before) * 1000) / (performance.now() - began));
    });
  // A busy machine gives it less; never more than it was told to take, and its own doings.
  expect(used[0]).toBeGreaterThan(0.05);
  expect(used[0]).toBeLessThan(0.65);
  expect(idle[0]).toBeLessThan(0.2);
});

it.runIf(isLinux)(
  'holds its memory in pages that are really there, and lets go of it when it is stopped',
  async () => {
    const { code, text } = await run({ MEMORY_BYTES: String(200 * 2 ** 20) }, async (pid) => {
      const before = usage(pid).bytes;
      await expect.poll(() => usage(pid).bytes - before, { timeout: 20_000 }).toBeGreaterThan(160 * 2 ** 20);
      await sleep(1000);
      expect(usage(pid).bytes - before).toBeLessThan(300 * 2 ** 20);
    });
    expect(code).toBe(143);
    expect(text).toContain('"msg":"holds","bytes":209715200');
  },
);

it('ends with its time, and refuses more than one core', async () => {
  const began = performance.now();
  const child = spawn(process.execPath, [program('programs/stress.cjs')], { env: { DURATION_SECONDS: '1' } });
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(performance.now() - began).toBeGreaterThan(1000);
  const { text } = await run({ CORES: '2' }, () => sleep(1500));
  expect(text).toContain('Expected CORES to be at most 1, got 2.');
});
