import type { LabelSet } from '../series/labels.ts';
import type { Samples, Series, SeriesSource, Window } from '../series/source.ts';
import type { At, VectorSelector } from '../syntax/ast.ts';
import { type Steps, WORK_A_PAUSE } from './steps.ts';
import { emptyTable, type Grid, NO_SAMPLES, type Ranges, type Table } from './table.ts';

export interface Selection {
  readonly source: SeriesSource;
  readonly generation: number;
  readonly series: readonly Series[];
  readonly rows: readonly LabelSet[];
}

/** The latest sample of each series that is not older than the look-back; its time in seconds for `timestamp()`. */
export function* instants(
  { series: all, rows }: Selection,
  at: Grid,
  { lookbackMs, pause, wantsTime }: { lookbackMs: number; pause: () => boolean; wantsTime: boolean },
): Steps<Table> {
  const table = emptyTable(rows, at.count);
  const last = at.start + (at.count - 1) * at.step;
  let work = 0;
  for (const [row, series] of all.entries()) {
    const samples = series.samples(at.start - lookbackMs, last);
    if (!samples) continue;
    const { times, values, from, to, stale } = samples;
    work += at.count + to - from;
    if (work > WORK_A_PAUSE) {
      work = 0;
      if (pause()) yield;
    }
    let next = from;
    for (let step = 0, cell = row * at.count; step < at.count; step++, cell++) {
      const time = at.start + step * at.step;
      while (next < to && times[next]! <= time) next++;
      const found = next - 1;
      if (found < from || times[found]! <= time - lookbackMs || (stale && stale[found] !== 0)) continue;
      table.has[cell] = 1;
      table.values[cell] = wantsTime ? times[found]! / 1000 : values[found]!;
    }
  }
  return table;
}

/** The samples of each series before each end, staleness markers left out. */
export function* ranges(
  { series: all, rows }: Selection,
  ends: Grid,
  { rangeMs, pause }: { rangeMs: number; pause: () => boolean },
): Steps<Ranges> {
  const windows: Window[] = [];
  let work = 0;
  const last = ends.start + (ends.count - 1) * ends.step;
  for (const series of all) {
    const samples = series.samples(ends.start - rangeMs, last);
    if (samples?.stale) work += samples.to - samples.from;
    if (work > WORK_A_PAUSE) {
      work = 0;
      if (pause()) yield;
    }
    windows.push(samples ? withoutMarkers(samples) : NO_SAMPLES);
  }
  return { type: 'matrix', rows, windows, rangeMs, ends };
}

function withoutMarkers(samples: Samples): Window {
  const { times, values, from, to, stale } = samples;
  if (!stale) return samples;
  let count = 0;
  for (let i = from; i < to; i++) if (stale[i] === 0) count++;
  if (count === to - from) return samples;
  const kept = { times: new Float64Array(count), values: new Float64Array(count), from: 0, to: count };
  for (let i = from, k = 0; i < to; i++) {
    if (stale[i] !== 0) continue;
    kept.times[k] = times[i]!;
    kept.values[k++] = values[i]!;
  }
  return kept;
}

/** The times that a selector or subquery looks at, seen from those of a grid. */
export function lookedAt(
  { offsetMs, at }: Pick<VectorSelector, 'offsetMs' | 'at'>,
  grid: Grid,
  whole: { readonly start: number; readonly end: number },
): Grid {
  if (at === undefined) return { ...grid, start: grid.start - offsetMs };
  return { start: anchor(at, whole) - offsetMs, step: 0, count: grid.count };
}

export function anchor(at: At, whole: { readonly start: number; readonly end: number }): number {
  return at === 'start' ? whole.start : at === 'end' ? whole.end : at;
}
