import { exponential } from './random.ts';

/**
 * Calls `visit` at the times of a Poisson process, as people arrive who do not wait for each other: the times do not
 * depend on how long a visit takes. The returned function ends it.
 */
export function arrivals(random: () => number, ratePerSecond: number, visit: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (dueAt: number): void => {
    timer = setTimeout(
      () => {
        let next = dueAt;
        for (const now = performance.now(); next <= now; next += exponential(random, ratePerSecond) * 1000)
          visit();
        wait(next);
      },
      Math.max(1, dueAt - performance.now()),
    );
  };
  wait(performance.now());
  return () => clearTimeout(timer);
}
