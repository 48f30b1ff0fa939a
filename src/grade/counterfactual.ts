import type { RecordedQuery, RecordedSeries } from '../signal/recorded-series.ts';
import type { AlertRule } from '../signal/series.ts';
import type { Moments } from './moments.ts';
import { weights } from './weights.ts';
import { onGrid, runsOf, timeOf, type Windows, windowsOf } from './windows.ts';

/** What another `for` would have done in this game and in the quiet before it. Durations in ms. */
export interface Counterfactual {
  /** As a rule file of speed 1 would say it. */
  for: number;
  /** From the first symptom until it would have fired. */
  afterMs: number;
  /** How often it would have fired in the recorded time before the injection. */
  falseAlarms: number;
  /** How long that quiet was. */
  quietMs: number;
}

/** The times at which a rule's expression was true, from the recorded series. */
export interface Replay {
  candidates: Counterfactual[];
  /** From the first symptom until the expression first became true and stayed so while the fault lasted; ms. */
  trueAfterMs?: number;
  /** Longest time that it was true without a break while the fault lasted, real ms. */
  longestMs: number;
}

/** Undefined if the expression was not recorded. */
export function replay(
  rule: AlertRule,
  series: RecordedSeries | undefined,
  moments: Moments,
): Replay | undefined {
  const recorded = series?.queries.find(({ kind, name, query }) => {
    return kind === 'alert-rule' && name === rule.name && query === rule.query;
  });
  if (!series || !recorded || recorded.outcome !== 'recorded') return undefined;
  const windows = windowsOf(series, moments);
  const runs = runsIn(recorded, windows);
  const faulty = runs.filter(([first, end]) => end > windows.from && first < windows.until);
  const stepMs = windows.step * 1000;
  const quietMs = quietOf(series, windows);
  const firstTrue = Math.min(...faulty.map(([first]) => timeOf(first, windows)));
  return {
    candidates: weights.alerts.candidates.flatMap(
      (value) => candidate(value, runs, windows, moments, quietMs) ?? [],
    ),
    ...(faulty.length > 0 && { trueAfterMs: Math.max(0, firstTrue - moments.symptom) }),
    longestMs: Math.max(0, ...faulty.map(([first, end]) => (end - first) * stepMs)),
  };
}

function candidate(
  value: number,
  runs: readonly [number, number][],
  windows: Windows,
  { speed, symptom }: Moments,
  quietMs: number,
): Counterfactual | undefined {
  const stepMs = windows.step * 1000;
  const needed = value / speed;
  // True at the samples first … end−1: it would have fired once it was true for that long.
  const fires = runs
    .filter(([first, end]) => (end - 1 - first) * stepMs >= needed)
    .map(([first]) => timeOf(first, windows) + needed);
  const injected = timeOf(windows.from, windows);
  const inGame = fires.filter((at) => at >= injected && at <= timeOf(windows.until, windows));
  if (inGame.length === 0) return undefined;
  return {
    for: value,
    afterMs: Math.max(0, Math.min(...inGame) - symptom),
    falseAlarms: fires.filter((at) => at < injected).length,
    quietMs,
  };
}

/** Runs of every label set: an alert has one `for` clock for each. */
function runsIn({ series }: RecordedQuery, windows: Windows): [number, number][] {
  return series.flatMap((one) => runsOf(onGrid(one, windows)));
}

/** Only time in which something was measured: a young Prometheus has no quiet to show. */
function quietOf({ queries }: RecordedSeries, windows: Windows): number {
  const measured = queries.filter(({ kind }) => kind === 'signal' || kind === 'alert-value');
  const seen = new Set<number>();
  for (const one of measured.flatMap(({ series }) => series)) {
    onGrid(one, windows).forEach((value, index) => {
      if (index < windows.from && !Number.isNaN(value)) seen.add(index);
    });
  }
  return seen.size * windows.step * 1000;
}

/**
 * The mildest shorter `for` that would have fired in time; none in time: the fastest. For an alert that was in time
 * only if it saves much and would have been silent in the quiet. Undefined: nothing to gain.
 */
export function proposalOf(
  { candidates }: Replay,
  rule: AlertRule | undefined,
  detectionMs: number | undefined,
  withinMs: number,
  speed: number,
): Counterfactual | undefined {
  const now = (rule?.for ?? 0) * 1000 * speed;
  const shorter = candidates.filter((one) => one.for < now - 1);
  if (detectionMs !== undefined && detectionMs <= withinMs) {
    const { share, ms } = weights.alerts.worthwhile;
    const silent = shorter.filter((one) => one.falseAlarms === 0 && one.for >= weights.alerts.worthwhile.for);
    return silent.findLast(({ afterMs }) => {
      const saved = detectionMs - afterMs;
      return saved >= share * detectionMs && saved * speed >= ms;
    });
  }
  return shorter.findLast(({ afterMs }) => afterMs <= withinMs) ?? shorter[0];
}
