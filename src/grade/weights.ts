import { parseDuration } from '../words/duration.ts';

/** By the thresholds below; docs/grading.md explains them. */
export type Letter = 'A' | 'B' | 'C' | 'D' | 'E';

/**
 * Every choice that grading makes, in one place; docs/grading.md gives the reasons. Durations in ms at speed 1: a game
 * at another speed divides them.
 */
export const weights = {
  alerts: {
    /** Shares of the score; they sum to 1. */
    shares: { recall: 0.4, detection: 0.25, precision: 0.15, routing: 0.1, handleability: 0.1 },
    /** Time to detect that is asked for where a scenario says nothing. */
    within: ms('5m'),
    /** From firing to the owner's receiver: evaluation, `group_wait` and looks. Longer than this it was held up. */
    onItsWay: ms('1m'),
    /** The detection score falls from 1 at `within` to 0 at this many times `within`. */
    limitFactor: 3,
    /** Severities nobody is called for. */
    silentSeverities: ['none', 'info'],
    /** Alerts that tell nothing about the stack. */
    housekeeping: ['Watchdog', 'InfoInhibitor', 'DeadMansSwitch'],
    /** No letter is better than this where nobody who owns an expected alert was told. */
    nobodyTold: 'D' as Letter,
    /** A range that is shorter than two scrapes is proposed to hold this many, as Grafana's $__rate_interval. */
    scrapesInRange: 4,
    /** Values of `for` that a counterfactual may propose. */
    candidates: ['0s', '10s', '15s', '30s', '1m', '2m', '3m', '5m', '10m', '15m'].map(ms),
  },
  dashboards: {
    shares: { expected: 0.4, placing: 0.2, healthy: 0.15, golden: 0.15, pointing: 0.1 },
    /** A panel this far down (in reading order, from 1) is still seen at once; at twice that it counts nothing. */
    firstScreen: 6,
    /** Part of the usual value that counts as spread at least: what changes by less is not seen on a chart. */
    visibleShare: 0.03,
    /** Samples of half a quiet window below which it tells nothing. */
    shortestQuiet: 12,
    /** Blind spots that are listed. */
    blindSpots: 8,
  },
  quiet: {
    /** Samples before the game below which a panel cannot be compared with anything. */
    samples: 24,
    /** The same where the first game on a young Prometheus had no more: never fewer than these. */
    young: 12,
    /** A proposed `for` is priced over at least this long, or over this many times itself; the shorter of the two. */
    least: ms('1h'),
    times: 20,
    /** A `for` that is shorter than this counts as this long. */
    shortest: ms('30s'),
  },
  playbook: {
    /** Cost of a step done before its predecessors, as a share of its weight. */
    early: 0.5,
    /** Cost of one action: reading is free. */
    unplannedWrite: 1,
    harmful: 5,
  },
  letters: [
    ['A', 0.9],
    ['B', 0.75],
    ['C', 0.6],
    ['D', 0.4],
    ['E', 0],
  ] as [Letter, number][],
};

/** The smallest difference that matters to a reader, by Grafana's unit: below it a panel counts as flat. */
export const unitFloors: Record<string, number> = {
  s: 0.01,
  ms: 10,
  percentunit: 0.005,
  percent: 0.5,
  reqps: 0.2,
  ops: 0.2,
  short: 0.05,
  none: 0.05,
  bytes: 4 * 1024 * 1024,
  decbytes: 4_000_000,
};

export function letterOf(score: number): Letter {
  return weights.letters.find(([, from]) => score >= from - rounding)?.[0] ?? 'E';
}

/** Sums of shares are not exact in binary: 0.9 must be an A. */
const rounding = 1e-9;

function ms(text: string): number {
  return parseDuration(text) ?? Number.NaN;
}
