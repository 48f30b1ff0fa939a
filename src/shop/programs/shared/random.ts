/** A seeded generator of uniform numbers in [0, 1): mulberry32 (Tommy Ettinger, public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A lognormal number with the given mean. `sigma` is the standard deviation of its logarithm: 0.5 gives a
 * 95th percentile of twice the mean, as service times of a compute-heavy endpoint have it.
 */
export function lognormal(random: () => number, mean: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return mean * Math.exp(sigma * normal - (sigma * sigma) / 2);
}

/** The time until the next arrival of a Poisson process, in the unit of 1/rate. */
export function exponential(random: () => number, rate: number): number {
  return -Math.log(1 - random()) / rate;
}
