import type { RecordedSeries } from '../signal/recorded-series.ts';
import type { Series } from '../signal/series.ts';
import type { Moments } from './moments.ts';

/** Indices on the grid of recorded samples: sample i is at start + i·step. */
export interface Windows {
  start: number;
  step: number;
  /** Samples on the grid. */
  length: number;
  /** First sample of the fault, and the one after its last. */
  from: number;
  until: number;
}

export function windowsOf(series: RecordedSeries, { injected, faultEnd }: Moments): Windows {
  const { start, end, step } = series;
  const length = Math.max(0, Math.floor((end - start) / step) + 1);
  const index = (ms: number) => Math.min(length, Math.max(0, Math.ceil((ms / 1000 - start) / step)));
  const from = index(injected);
  return { start, step, length, from, until: Math.max(from, index(faultEnd)) };
}

/** Values on the grid; NaN where there is no sample. */
export function onGrid({ points }: Series, { start, step, length }: Windows): number[] {
  const values = new Array<number>(length).fill(Number.NaN);
  for (const [at, value] of points) {
    const index = Math.round((at - start) / step);
    if (index >= 0 && index < length) values[index] = value;
  }
  return values;
}

/** Wall ms of a sample. */
export function timeOf(index: number, { start, step }: Windows): number {
  return (start + index * step) * 1000;
}
