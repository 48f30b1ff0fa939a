import type { RangeSeries } from '../promql/query.ts';
import { formatValue, type Value } from '../promql/value.ts';

/** `data` of /api/v1/query. */
export function formatInstant(value: Value, time: number): { resultType: string; result: unknown } {
  const at = time / 1000;
  switch (value.type) {
    case 'scalar':
      return { resultType: 'scalar', result: [at, formatValue(value.value)] };
    case 'string':
      return { resultType: 'string', result: [at, value.value] };
    case 'vector':
      return {
        resultType: 'vector',
        result: value.samples.map(({ labels, value: number }) => ({
          metric: labels,
          value: [at, formatValue(number)],
        })),
      };
    case 'matrix':
      return {
        resultType: 'matrix',
        result: value.windows.map(({ labels, times, values, from, to }) => {
          const points: [number, string][] = [];
          for (let i = from; i < to; i++) points.push([times[i]! / 1000, formatValue(values[i]!)]);
          return { metric: labels, values: points };
        }),
      };
  }
}

/** `data` of /api/v1/query_range. */
export function formatRange(series: readonly RangeSeries[]): { resultType: 'matrix'; result: unknown } {
  return {
    resultType: 'matrix',
    result: series.map(({ labels, points }) => ({
      metric: labels,
      values: points.map(([time, value]) => [time / 1000, formatValue(value)]),
    })),
  };
}
