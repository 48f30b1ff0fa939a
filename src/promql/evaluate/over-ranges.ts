import type { RangeFunction, Span } from '../functions/signature.ts';
import { type Steps, WORK_A_PAUSE } from './steps.ts';
import { type Evaluated, emptyTable, type Grid, type Ranges, type Table, withoutNames } from './table.ts';

/** A function of range vectors for each series at each time: both ends of the window only move forward. */
export function* overRanges(
  { over, keepsName }: RangeFunction,
  args: readonly Evaluated[],
  { grid, pause }: { grid: Grid; pause: () => boolean },
): Steps<Table> {
  const range = args.find((one): one is Ranges => one.type === 'matrix')!;
  const scalars = args.flatMap((one) => (one.type === 'scalar' ? [one.values] : []));
  const { rows, windows, rangeMs, ends } = range;
  const table = emptyTable(rows, grid.count);
  const params: number[] = scalars.map(() => 0);
  const span: Span = {
    times: new Float64Array(0),
    values: new Float64Array(0),
    from: 0,
    to: 0,
    start: 0,
    end: 0,
    time: 0,
  };
  let work = 0;
  for (const [row, window] of windows.entries()) {
    if (window.from === window.to) continue;
    const { times, values } = window;
    span.times = times;
    span.values = values;
    let { from, from: to } = window;
    for (let step = 0; step < grid.count; step++) {
      const end = ends.start + step * ends.step;
      const start = end - rangeMs;
      while (to < window.to && times[to]! <= end) to++;
      while (from < to && times[from]! <= start) from++;
      if (from === to) continue;
      span.from = from;
      span.to = to;
      span.start = start;
      span.end = end;
      span.time = grid.start + step * grid.step;
      for (let i = 0; i < params.length; i++) params[i] = scalars[i]![step]!;
      const value = over(span, params);
      if (value !== undefined) {
        table.values[row * grid.count + step] = value;
        table.has[row * grid.count + step] = 1;
      }
      work += to - from;
      if (work < WORK_A_PAUSE) continue;
      work = 0;
      if (pause()) yield;
    }
  }
  return keepsName ? table : withoutNames(table);
}
