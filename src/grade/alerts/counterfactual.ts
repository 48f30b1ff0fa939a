import { LabelSet } from '../../promql/series/labels.ts';
import { type Evaluation, episodesOf } from '../../rules/alert-states.ts';
import type { RecordedQuery } from '../../signal/recorded-series.ts';
import type { AlertRule } from '../../signal/series.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { recordingOf } from '../quiet.ts';
import { weights } from '../weights.ts';
import { onGrid, timeOf, type Windows } from '../windows.ts';

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
  const evaluations = evaluationsOf(recorded, windows, indices);
  const injected = wholeMs(windows.from, windows);
  const until = wholeMs(windows.until, windows);
  const end = wholeMs(windows.length, windows);
  const faulty = episodesOf({ forMs: 0, keepFiringForMs: 0 }, evaluations)
    .map(({ alert, endedAt = end }) => ({ from: alert.activeAt, to: endedAt }))
    .filter(({ from, to }) => to > injected && from < until);
  const firstTrue = Math.min(...faulty.map(({ from }) => from));
  const quietMs = indices.length * windows.step * 1000;
  const candidates = weights.alerts.candidates.flatMap((value): Counterfactual[] => {
    const timing = { forMs: value / moments.speed, keepFiringForMs: rule.keepFiringFor * 1000 };
    const fires = episodesOf(timing, evaluations).flatMap(({ alert }) =>
      // The rule is not evaluated at the times of the recording: it would have fired between two of them.
      alert.state === 'firing' ? [alert.activeAt + timing.forMs] : [],
    );
    const inGame = fires.filter((at) => at >= injected && at <= until);
    if (inGame.length === 0) return [];
    const afterMs = Math.max(0, Math.min(...inGame) - moments.symptom);
    return [{ for: value, afterMs, falseAlarms: fires.filter((at) => at < injected).length, quietMs }];
  });
  return {
    candidates,
    ...(faulty.length > 0 && { trueAfterMs: Math.max(0, firstTrue - moments.symptom) }),
    longestMs: Math.max(0, ...faulty.map(({ from, to }) => to - from)),
  };
}

/** What the rule's expression gave at each sample of the recording. Before the game only what is quiet counts. */
export function evaluationsOf(
  { series }: RecordedQuery,
  windows: Windows,
  quiet: readonly number[],
  isTrue: (value: number) => boolean = (value) => !Number.isNaN(value),
): Evaluation[] {
  const counts = new Set(quiet);
  const all = series.map((one) => ({ labels: LabelSet.from(one.labels), values: onGrid(one, windows) }));
  return Array.from({ length: windows.length }, (_, index) => ({
    time: wholeMs(index, windows),
    results:
      index < windows.from && !counts.has(index)
        ? []
        : all.flatMap(({ labels, values }) => {
            const value = values[index]!;
            return isTrue(value) ? [{ labels, value, annotations: {} }] : [];
          }),
  }));
}

/** Fractions of ms would decide whether an alert has held for exactly its `for`. */
export function wholeMs(index: number, windows: Windows): number {
  return Math.round(timeOf(index, windows));
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
export function isPriced(
  { for: value, quietMs }: Pick<Counterfactual, 'for' | 'quietMs'>,
  speed: number,
): boolean {
  const { least, times, shortest } = weights.quiet;
  return quietMs * speed >= Math.min(least, times * Math.max(value, shortest));
}
