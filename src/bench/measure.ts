/** One line of the benchmark's table. */
export interface Figure {
  what: string;
  value: string;
  /** How it was measured: repeats, what against what. */
  how: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** min / median / max with a unit. */
export function spread(values: readonly number[], unit: string, digits = 0): string {
  const show = (value: number): string => value.toFixed(digits);
  return `${show(median(values))} ${unit} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
}

/** Runs A and B in turn, so that a machine whose speed drifts hits both alike. */
export async function pairs(
  rounds: number,
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
): Promise<{ a: number[]; b: number[]; ratios: number[] }> {
  const times = { a: [] as number[], b: [] as number[], ratios: [] as number[] };
  await a();
  await b();
  for (let round = 0; round < rounds; round++) {
    const first = await timed(a);
    const second = await timed(b);
    times.a.push(first);
    times.b.push(second);
    times.ratios.push(first / second);
  }
  return times;
}

/** ms */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}
