/**
 * How often the conductor looks, in ms of a game at speed 1. A gap (no data, no answer) is logged as one and counts as
 * "does not hold", never as a break-down of the stack. `paceOf` divides by the speed.
 */
export const intervals = {
  alerts: 1000,
  /** Of others than Prometheus, which evaluate once in 10 s or less often. */
  rulers: 5000,
  signals: 2000,
  oracle: 2000,
  abort: 3000,
  effect: 1000,
  deadline: 1000,
  /** Samples of the steady state, and how many. */
  baseline: 1000,
  baselineSamples: 5,
} as const;

/** Waits of a game, ms at speed 1. */
export const patience = {
  /** The oracle holds and nobody claims: mitigated all the same. */
  unclaimed: 120_000,
  /** After the end: for alerts that still fire, before the game is graded for the last time. */
  alertsReset: 120_000,
} as const;

/** Renewals of the lease, real ms: the cluster does not know of the speed. */
export const heartbeatInterval = 3000;

/**
 * The API server does not answer in the middle of a game: the game is given up after this, real ms. Shorter than what is
 * left of the Lease after a missed renewal, so that this is the reason people read.
 */
export const clusterPatience = 15_000;

/** How long restoring goes on trying while the API server does not answer; real ms, then the ledger waits for `recover`. */
export const restorePatience = 120_000;

/** Never faster than this, whatever the speed: real ms. */
const fastest = 100;

/** Real ms that pods may take to start, and monitoring to see it, on a busy machine: no clock makes that faster. */
const podsStart = 30_000;

/**
 * How long something that really has to happen is waited for at a speed, in real ms; at speed 1 exactly `wait`. `spare`: what
 * of it no clock makes faster.
 */
export function allowed(wait: number, speed: number, spare = podsStart): number {
  return wait / speed + spare * (1 - 1 / speed);
}

/** A repeated wait at a speed, in real ms. */
export function paceOf(interval: number, speed: number): number {
  return Math.max(fastest, interval / speed);
}
