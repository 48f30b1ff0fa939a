import type { Window } from '../../tsdb/series.ts';
import { quantile, standardDeviation, sum, variance } from '../statistics.ts';
import { checkQuantile, matrixOf, numberOf, type PromqlFunction, vector } from './signature.ts';

/** `*_over_time`: one value from all samples of a range. */
export const overTimeFunctions: Record<string, PromqlFunction> = {
  avg_over_time: overTime((window) => sum(valuesOf(window)) / (window.to - window.from)),
  sum_over_time: overTime((window) => sum(valuesOf(window))),
  count_over_time: overTime((window) => window.to - window.from),
  min_over_time: overTime((window) => extreme(window, (a, b) => a < b)),
  max_over_time: overTime((window) => extreme(window, (a, b) => a > b)),
  stddev_over_time: overTime((window) => standardDeviation(valuesOf(window))),
  stdvar_over_time: overTime((window) => variance(valuesOf(window))),
  present_over_time: overTime(() => 1),
  first_over_time: overTime((window) => window.values[window.from]!, { keepsName: true }),
  mad_over_time: overTime((window) => {
    const values = valuesOf(window);
    const median = quantile(0.5, values);
    return quantile(
      0.5,
      values.map((value) => Math.abs(value - median)),
    );
  }),
  ts_of_first_over_time: overTime((window) => window.times[window.from]! / 1000),
  ts_of_last_over_time: overTime((window) => window.times[window.to - 1]! / 1000),
  ts_of_min_over_time: overTime((window) => timeOf(window, (a, b) => a <= b)),
  ts_of_max_over_time: overTime((window) => timeOf(window, (a, b) => a >= b)),
  last_over_time: overTime((window) => window.values[window.to - 1]!, { keepsName: true }),
  quantile_over_time: {
    args: ['scalar', 'range vector'],
    returns: 'instant vector',
    call: ([q, range], context) => {
      if (matrixOf(range).windows.length > 0) checkQuantile(numberOf(q), context);
      return vector(
        matrixOf(range).windows.map((window) => ({
          labels: window.labels.withoutName(),
          value: quantile(numberOf(q), valuesOf(window)),
        })),
      );
    },
  },
};

function overTime(compute: (window: Window) => number, { keepsName = false } = {}): PromqlFunction {
  return {
    args: ['range vector'],
    returns: 'instant vector',
    call: ([range]) =>
      vector(
        matrixOf(range).windows.map((window) => ({
          labels: keepsName ? window.labels : window.labels.withoutName(),
          value: compute(window),
        })),
      ),
  };
}

function valuesOf({ values, from, to }: Window): number[] {
  const result = new Array<number>(to - from);
  for (let i = from; i < to; i++) result[i - from] = values[i]!;
  return result;
}

/** Seconds of the last of the best samples. */
function timeOf({ times, values, from, to }: Window, better: (a: number, b: number) => boolean): number {
  let best = from;
  for (let i = from + 1; i < to; i++)
    if (Number.isNaN(values[best]) || better(values[i]!, values[best]!)) best = i;
  return times[best]! / 1000;
}

/** NaN counts only if there is nothing else. */
function extreme({ values, from, to }: Window, better: (a: number, b: number) => boolean): number {
  let best = values[from]!;
  for (let i = from + 1; i < to; i++) if (Number.isNaN(best) || better(values[i]!, best)) best = values[i]!;
  return best;
}
