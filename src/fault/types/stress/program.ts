import { randomFillSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { numberFromEnv, print, runProgram, STOPPED_EXIT_CODE, stopSignal } from '../shared/program.ts';

// Runs alone in a container: keeps a share of one CPU busy and holds memory. More CPU is more pods: with one thread each it
// needs nothing that a sandbox forbids.

const SLOT_MS = 100;
const PIECE_BYTES = 16 * 2 ** 20;

async function main(): Promise<number> {
  const cores = numberFromEnv('CORES', 0);
  const bytes = numberFromEnv('MEMORY_BYTES', 0);
  const seconds = numberFromEnv('DURATION_SECONDS', 60);
  if (cores > 1) throw new Error(`Expected CORES to be at most 1, got ${cores}.`);
  const stop = stopSignal();
  const until = performance.now() + seconds * 1000;
  print('started', { cores, bytes, seconds });
  const held: Buffer[] = [];
  let left = bytes;
  while (!stop.aborted && performance.now() < until) {
    const began = performance.now();
    if (left > 0) {
      // What is the same on each page, or never written, takes no memory.
      held.push(randomFillSync(Buffer.allocUnsafeSlow(Math.min(left, PIECE_BYTES))));
      left -= held.at(-1)!.length;
      if (left <= 0) print('holds', { bytes });
    }
    while (performance.now() - began < cores * SLOT_MS);
    await sleep(Math.max(1, SLOT_MS - (performance.now() - began)));
  }
  return stop.aborted ? STOPPED_EXIT_CODE : 0;
}

runProgram(main);
