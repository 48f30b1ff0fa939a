import type { EarlierGame } from '../log/events.ts';
import type { RecordedSeries } from '../signal/recorded-series.ts';
import type { GradeInput } from './input.ts';
import type { Moments } from './moments.ts';
import { longestRange } from './query-range.ts';
import { weights } from './weights.ts';
import { onGrid, timeOf, type Windows, windowsOf } from './windows.ts';

/** The samples before a game that show how things are when nobody breaks anything. */
export interface Quiet {
  /** Indices on the grid, ascending. */
  indices: readonly number[];
  /** Why so little is left of it that nothing can be compared with it. */
  tooLittle?: string;
}

/** The windows of a recording, and what is quiet in it. */
export interface Recording {
  windows: Windows;
  quiet: (query: string) => Quiet;
}

/** Undefined where nothing was recorded. */
export function recordingOf(input: GradeInput, moments: Moments): Recording | undefined {
  if (!input.series) return undefined;
  const windows = windowsOf(input.series, moments);
  return { windows, quiet: quietSamples(input, windows) };
}

/**
 * What is quiet for a query: the time before the injection in which something was measured, without every earlier game
 * on that cluster, from its injection until what it did was over and out of the query's longest range.
 */
function quietSamples(
  { state, rules, series }: Pick<GradeInput, 'state' | 'rules' | 'series'>,
  windows: Windows,
): (query: string) => Quiet {
  const recording = new Map(rules?.recording.map(({ name, query }) => [name, query]));
  const measured = series ? measuredBefore(series, windows) : [];
  const known = new Map<number, Quiet>();
  return (query) => {
    const rangeMs = longestRange(query, recording);
    const found = known.get(rangeMs) ?? quietFor(measured, state.earlierGames, rangeMs, windows);
    known.set(rangeMs, found);
    return found;
  };
}

function quietFor(
  measured: readonly number[],
  games: readonly EarlierGame[],
  rangeMs: number,
  windows: Windows,
): Quiet {
  const indices = measured.filter((index) => {
    const at = timeOf(index, windows);
    return !games.some(({ from, until }) => at >= from && at <= until + rangeMs);
  });
  const isCut = indices.length < measured.length;
  if (!isCut || indices.length >= leastQuiet(measured, games, windows)) return { indices };
  const left = `only ${indices.length} samples before it are not of an earlier game`;
  return { indices, tooLittle: left };
}

/**
 * As many samples as a comparison takes; of a young Prometheus as many as the first of the games had, which is not to be
 * graded otherwise than the same game played again.
 */
function leastQuiet(measured: readonly number[], games: readonly EarlierGame[], windows: Windows): number {
  const { samples, young } = weights.quiet;
  const first = Math.min(...games.map(({ from }) => from));
  const before = measured.filter((index) => timeOf(index, windows) < first).length;
  return before === 0 ? samples : Math.min(samples, Math.max(young, before));
}

/** A young Prometheus has no quiet to show. Where no query tells since when it was there, all of it counts. */
function measuredBefore({ queries }: RecordedSeries, windows: Windows): number[] {
  const before = Array.from({ length: windows.from }, (_, index) => index);
  const telling = queries.filter(({ kind }) => kind === 'signal' || kind === 'alert-value');
  const seen = new Set<number>();
  for (const one of telling.flatMap(({ series }) => series)) {
    onGrid(one, windows).forEach((value, index) => {
      if (!Number.isNaN(value)) seen.add(index);
    });
  }
  return seen.size === 0 ? before : before.filter((index) => seen.has(index));
}
