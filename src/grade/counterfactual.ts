import type { RecordedQuery } from '../signal/recorded-series.ts';
import type { AlertRule } from '../signal/series.ts';
import type { GradeInput } from './grade.ts';
import type { Moments } from './moments.ts';
import { recordingOf } from './quiet.ts';
import { weights } from './weights.ts';
import { onGrid, runsOf, timeOf, type Windows } from './windows.ts';

/** What another `for` would have done in this game and in the quiet before it. Durations in ms. */
export interface Counterfactual {
  /** As a rule file of speed 1 would say it. */
  for: number;
  /** From the first symptom until it would have fired. */
  afterMs: number;
  /** How often it would have fired in the quiet before the injection. */
  falseAlarms: number;
  /** How long that quiet was; real ms. */
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
export function replay(rule: AlertRule, input: GradeInput, moments: Moments): Replay | undefined {
  const { series } = input;
  const recording = recordingOf(input, moments);
  const recorded = series?.queries.find(({ kind, name, query }) => {
    return kind === 'alert-rule' && name === rule.name && query === rule.query;
  });
  if (!recording || recorded?.outcome !== 'recorded') return undefined;
  const { windows } = recording;
  const { indices } = recording.quiet(rule.query);
  const runs = runsIn(recorded, windows, indices);
  const faulty = runs.filter(([first, end]) => end > windows.from && first < windows.until);
  const stepMs = windows.step * 1000;
  const firstTrue = Math.min(...faulty.map(([first]) => timeOf(first, windows)));
  return {
    candidates: weights.alerts.candidates.flatMap(
      (value) => candidate(value, runs, windows, moments, indices.length * stepMs) ?? [],
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

/** Runs of every label set: an alert has one `for` clock for each. Before the game only what is quiet counts. */
function runsIn({ series }: RecordedQuery, windows: Windows, quiet: readonly number[]): [number, number][] {
  const counts = new Set(quiet);
  return series.flatMap((one) =>
    runsOf(
      onGrid(one, windows).map((value, index) =>
        index >= windows.from || counts.has(index) ? value : Number.NaN,
      ),
    ),
  );
}

/**
 * The mildest shorter `for` with which an alert that was too late would have been in time, with the uncertainty of its
 * times to spare: whoever applies it hears nothing more of it. Undefined for one that was in time, or that no `for` helps.
 */
export function proposalOf(
  { candidates }: Replay,
  rule: AlertRule,
  isInTime: boolean,
  withinMs: number,
  speed: number,
): Counterfactual | undefined {
  if (isInTime) return undefined;
  const now = rule.for * 1000 * speed;
  const spare = Math.min(rule.interval * 1000, withinMs / 4);
  return candidates.findLast(({ for: value, afterMs }) => value < now - 1 && afterMs + spare <= withinMs);
}

/** Whether the quiet was long enough to tell what a proposal costs. */
export function isPriced({ for: value, quietMs }: Counterfactual, speed: number): boolean {
  const { least, times, shortest } = weights.quiet;
  return quietMs * speed >= Math.min(least, times * Math.max(value, shortest));
}
