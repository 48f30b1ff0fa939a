import { type CrashPoint, crashPoints } from './proxy.ts';

/**
 * Crashes at each write from number `first` (from 1) at each point. `crash` gives what was wrong, one line each. Gives
 * all of it, and prints how many crashes there were.
 */
export async function crashAtEach(
  what: string,
  writes: readonly string[],
  first: number,
  crash: (at: number, point: CrashPoint) => Promise<string[]>,
): Promise<string[]> {
  const wrong: string[] = [];
  let count = 0;
  for (let at = first; at <= writes.length; at += 1)
    for (const point of crashPoints) {
      const lines = await crash(at, point);
      count += 1;
      wrong.push(...lines.map((line) => `${point} ${at} (${writes[at - 1]}): ${line}`));
    }
  const numbers = `${writes.length - first + 1} writes, each ${crashPoints.join(', ')}`;
  process.stdout.write(`${what}: ${count} crash points (${numbers})\n`);
  return wrong;
}
