import { type CrashPoint, crashPoints } from './proxy.ts';

/**
 * Crashes at each write from number `first` (from 1) at each point, or at `most` of them, spread evenly and each time
 * others. `crash` gives what was wrong, one line each. Gives all of it, and prints how many crashes there were.
 */
export async function crashAtEach<Point extends string = CrashPoint>(
  what: string,
  writes: readonly string[],
  first: number,
  crash: (at: number, point: Point) => Promise<string[]>,
  most = Number.POSITIVE_INFINITY,
  points: readonly Point[] = crashPoints as readonly string[] as readonly Point[],
): Promise<string[]> {
  const wrong: string[] = [];
  const all = writes
    .slice(first - 1)
    .flatMap((_, index) => points.map((point) => ({ at: first + index, point })));
  const step = Math.max(1, all.length / most);
  const seed = Number(process.env.MISFORTUNE_SEED ?? Date.now());
  const start = Math.floor(((seed % 1000) / 1000) * step);
  const isChosen = (index: number) => Math.floor(index / step) > Math.floor((index - 1) / step);
  const chosen = all.filter((_, index) => isChosen((index + start) % all.length));
  for (const { at, point } of chosen) {
    const lines = await crash(at, point);
    wrong.push(...lines.map((line) => `${point} ${at} (${writes[at - 1]}): ${line}`));
  }
  const numbers = `${writes.length - first + 1} writes, each ${points.join(', ')}`;
  const count = chosen.length < all.length ? `${chosen.length} of ${all.length}` : `${all.length}`;
  process.stdout.write(`${what}: ${count} crash points (${numbers})\n`);
  return wrong;
}
