import type { LabelSet } from './labels.ts';
import type { Matcher } from './matcher.ts';

/** What a query reads: a store in memory, a recorded game. */
export interface SeriesSource {
  /** Changes whenever a series came or went: a selection may be kept as long as it stays the same. */
  readonly generation: number;
  /** Every series that all matchers accept, in order of their labels. */
  select(matchers: readonly Matcher[]): readonly Series[];
}

/** Samples of one label set, in order of time. Times are ms since epoch. */
export interface Series {
  readonly labels: LabelSet;
  /** Infinity and -Infinity where there is no sample. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** The samples in (start, end], staleness markers among them; undefined if there are none. */
  samples(start: number, end: number): Samples | undefined;
}

/** Samples with index from ≤ i < to. Times are ms since epoch. */
export interface Window {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly from: number;
  readonly to: number;
}

export interface Samples extends Window {
  /** Not 0 where the sample says that the series has ended; undefined where none does. */
  readonly stale: Uint8Array | undefined;
}

/** Series with all their samples, in order of time; `stale` as in Samples. */
export interface FixedSeries {
  readonly labels: LabelSet;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly stale?: Uint8Array;
}

/** A source that does not change. */
export function sourceOf(all: readonly FixedSeries[]): SeriesSource {
  const series = all.map(fixed).sort((a, b) => (a.labels.key < b.labels.key ? -1 : 1));
  return {
    generation: 0,
    select: (matchers) =>
      series.filter(({ labels }) => matchers.every(({ name, matches }) => matches(labels.get(name)))),
  };
}

function fixed({ labels, times, values, stale }: FixedSeries): Series {
  return {
    labels,
    firstTime: times[0] ?? Infinity,
    lastTime: times[times.length - 1] ?? -Infinity,
    samples(start, end) {
      const from = firstAfter(times, 0, times.length, start);
      const to = firstAfter(times, from, times.length, end);
      return from < to ? { times, values, from, to, stale } : undefined;
    },
  };
}

/** Index of the first time later than `time` in low ≤ i < high; `high` if there is none. */
export function firstAfter(times: Float64Array, from: number, to: number, time: number): number {
  let [low, high] = [from, to];
  if (high > low && times[high - 1]! <= time) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
