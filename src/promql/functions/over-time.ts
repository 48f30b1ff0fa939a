import { least, mean, most, quantile, sum, variance } from '../evaluate/statistics.ts';
import { checkQuantiles, numbersOf, type RangeFunction, rangesOf, type Span } from './signature.ts';

/** `*_over_time`: one value from all samples of a range. */
export const overTimeFunctions: Record<string, RangeFunction> = {
  avg_over_time: overTime(({ values, from, to }) => mean(values, from, to)),
  sum_over_time: overTime(({ values, from, to }) => sum(values, from, to)),
  count_over_time: overTime(({ from, to }) => to - from),
  min_over_time: overTime(({ values, from, to }) => least(values, from, to)),
  max_over_time: overTime(({ values, from, to }) => most(values, from, to)),
  stddev_over_time: overTime(({ values, from, to }) => Math.sqrt(variance(values, from, to))),
  stdvar_over_time: overTime(({ values, from, to }) => variance(values, from, to)),
  present_over_time: overTime(() => 1),
  first_over_time: { ...overTime(({ values, from }) => values[from]!), keepsName: true },
  last_over_time: { ...overTime(({ values, to }) => values[to - 1]!), keepsName: true },
  mad_over_time: overTime(({ values, from, to }) => {
    const median = quantile(0.5, values, from, to);
    return quantile(
      0.5,
      values.subarray(from, to).map((value) => Math.abs(value - median)),
    );
  }),
  ts_of_first_over_time: overTime(({ times, from }) => times[from]! / 1000),
  ts_of_last_over_time: overTime(({ times, to }) => times[to - 1]! / 1000),
  ts_of_min_over_time: overTime((span) => timeOf(span, (a, b) => a <= b)),
  ts_of_max_over_time: overTime((span) => timeOf(span, (a, b) => a >= b)),
  quantile_over_time: {
    args: ['scalar', 'range vector'],
    returns: 'instant vector',
    over: ({ values, from, to }, [q]) => quantile(q!, values, from, to),
    remark: ([q, range], context) => {
      if (rangesOf(range).windows.some(({ from, to }) => from < to)) checkQuantiles(numbersOf(q), context);
    },
  },
};

function overTime(over: (span: Span) => number): RangeFunction {
  return { args: ['range vector'], returns: 'instant vector', over };
}

/** Seconds of the last of the best samples. */
function timeOf({ times, values, from, to }: Span, better: (a: number, b: number) => boolean): number {
  let best = from;
  for (let i = from + 1; i < to; i++)
    if (Number.isNaN(values[best]!) || better(values[i]!, values[best]!)) best = i;
  return times[best]! / 1000;
}
