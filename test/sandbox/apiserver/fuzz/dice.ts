/** Numbers by chance from a seed, so that a run can be had again. */
export interface Dice {
  /** In [0, 1). */
  next(): number;
  /** True in one of `n` cases. */
  oneIn(n: number): boolean;
  /** Whole, from 0 to below `n`. */
  below(n: number): number;
  pick<T>(list: readonly T[]): T;
}

/** mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { next, below, oneIn: (n) => below(n) === 0, pick: (list) => list[below(list.length)]! };
}
