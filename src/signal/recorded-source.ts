import { LabelSet } from '../promql/series/labels.ts';
import { type FixedSeries, type SeriesSource, sourceOf } from '../promql/series/source.ts';
import type { RecordedSeries } from './recorded-series.ts';
import type { Series } from './series.ts';

/**
 * What a game recorded, to be asked with PromQL: ALERTS, recording rules, and the stack's metrics that were recorded as
 * they are. Counters were recorded as rates: those have no name, and are not found. Nothing is known between two steps of
 * the recording, so ranges should be some steps long.
 */
export function recordedSource({ queries, step }: Pick<RecordedSeries, 'queries' | 'step'>): SeriesSource {
  const found = new Map<string, FixedSeries>();
  for (const { kind, name, series } of queries) {
    for (const one of series) {
      const labels = LabelSet.from(
        kind === 'recording-rule' ? { ...one.labels, __name__: name } : one.labels,
      );
      if (labels.get('__name__') !== '' && !found.has(labels.key))
        found.set(labels.key, { labels, ...samplesOf(one, step) });
    }
  }
  return sourceOf([...found.values()]);
}

/** Where a step has no point, the series was not there: it is not seen until it comes again. */
function samplesOf({ points }: Series, step: number): Omit<FixedSeries, 'labels'> {
  const samples = points.flatMap(([at, value], index) => {
    const next = points[index + 1]?.[0] ?? Infinity;
    const sample = { at, value, stale: 0 };
    return next > at + 1.5 * step ? [sample, { at: at + step, value: Number.NaN, stale: 1 }] : [sample];
  });
  return {
    times: Float64Array.from(samples, ({ at }) => at * 1000),
    values: Float64Array.from(samples, ({ value }) => value),
    stale: Uint8Array.from(samples, ({ stale }) => stale),
  };
}
