import type { RangeSeries } from '../../../promql/query.ts';
import { formatValue, type Value } from '../../../promql/value.ts';

type Points = RangeSeries & { readonly from: number; readonly to: number };

/** `data` of /api/v1/query, as JSON in pieces. */
export function formatInstant(value: Value, time: number): Iterable<string> {
  const at = time / 1000;
  switch (value.type) {
    case 'scalar':
      return [JSON.stringify({ resultType: 'scalar', result: [at, formatValue(value.value)] })];
    case 'string':
      return [JSON.stringify({ resultType: 'string', result: [at, value.value] })];
    case 'vector':
      return formatted(
        'vector',
        value.samples.map(({ labels, value: number }) => [
          JSON.stringify({ metric: labels, value: [at, formatValue(number)] }),
        ]),
      );
    case 'matrix':
      return formatted('matrix', value.windows.map(pointsOf));
  }
}

/** `data` of /api/v1/query_range, as JSON in pieces. */
export function formatRange(series: readonly RangeSeries[]): Iterable<string> {
  return formatted(
    'matrix',
    series.map((one) => pointsOf({ ...one, from: 0, to: one.times.length })),
  );
}

function* formatted(resultType: string, items: readonly Iterable<string>[]): Iterable<string> {
  yield `{"resultType":"${resultType}","result":[`;
  let separator = '';
  for (const item of items) {
    yield separator;
    yield* item;
    separator = ',';
  }
  yield ']}';
}

/** Points in one piece. */
const PIECE = 1000;

function* pointsOf({ labels, times, values, from, to }: Points): Iterable<string> {
  yield `{"metric":${JSON.stringify(labels)},"values":[`;
  for (let start = from; start < to; start += PIECE) {
    let piece = start > from ? ',' : '';
    for (let i = start; i < Math.min(to, start + PIECE); i++)
      piece += `${i > start ? ',' : ''}[${times[i]! / 1000},"${formatValue(values[i]!)}"]`;
    yield piece;
  }
  yield ']}';
}
