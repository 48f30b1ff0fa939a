import { emptyTable, isPresent, memo, type Table, withoutNames } from '../evaluate/table.ts';
import type { LabelSet } from '../series/labels.ts';
import { parseValue } from '../value.ts';
import { Buckets, bucketFraction, bucketQuantile } from './buckets.ts';
import { type CallContext, checkQuantiles, numbersOf, tableOf, type VectorFunction } from './signature.ts';

/** Functions of classic histograms (series with a label `le`). */
export const histogramFunctions: Record<string, VectorFunction> = {
  histogram_quantile: {
    args: ['scalar', 'instant vector'],
    returns: 'instant vector',
    call: ([q, input], context) => {
      const quantiles = numbersOf(q);
      checkQuantiles(quantiles, context);
      const { annotations, places } = context;
      return ofEach(tableOf(input), context, 1, (buckets, step, name) => {
        if (buckets.makeMonotonic())
          annotations.inform(
            `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "${name}"`,
            places[1] ?? 0,
          );
        return bucketQuantile(quantiles[step]!, buckets);
      });
    },
  },
  histogram_fraction: {
    args: ['scalar', 'scalar', 'instant vector'],
    returns: 'instant vector',
    call: ([lower, upper, input], context) => {
      const [lowers, uppers] = [numbersOf(lower), numbersOf(upper)];
      return ofEach(tableOf(input), context, 2, (buckets, step) => {
        buckets.makeMonotonic();
        return bucketFraction(lowers[step]!, uppers[step]!, buckets);
      });
    },
  },
  histogram_avg: ofNative(),
  histogram_count: ofNative(),
  histogram_sum: ofNative(),
  histogram_stddev: ofNative(),
  histogram_stdvar: ofNative(),
};

/** Functions of native histograms, of which the sandbox has none: as in Prometheus, other samples give nothing. */
function ofNative(): VectorFunction {
  return { args: ['instant vector'], returns: 'instant vector', call: () => emptyTable([], 0) };
}

interface Histograms {
  readonly labels: readonly LabelSet[];
  /** The bounds of each with their rows, lowest first. */
  readonly bounds: readonly (readonly { readonly le: number; readonly row: number }[])[];
  /** Rows without a bound. */
  readonly malformed: readonly number[];
}

const GROUPED = {};

/** A value of each histogram at each step. `index` is that of the argument. */
function ofEach(
  table: Table,
  { annotations, places }: CallContext,
  index: number,
  compute: (buckets: Buckets, step: number, name: string) => number,
): Table {
  const { labels, bounds, malformed } = memo(GROUPED, table.rows, () => histogramsOf(table.rows));
  for (const row of malformed) {
    if (!isPresent(table, row)) continue;
    const one = table.rows[row]!;
    annotations.warn(
      `bucket label "le" is missing or has a malformed value of "${one.get('le')}" for metric name "${one.get('__name__')}"`,
      places[index] ?? 0,
    );
  }
  const { count, values, has } = table;
  const result = emptyTable(labels, count);
  const buckets = new Buckets(Math.max(0, ...bounds.map(({ length }) => length)));
  for (const [place, rows] of bounds.entries()) {
    for (let step = 0; step < count; step++) {
      buckets.clear();
      for (const { le, row } of rows)
        if (has[row * count + step] === 1) buckets.add(le, values[row * count + step]!);
      if (buckets.length === 0) continue;
      result.has[place * count + step] = 1;
      result.values[place * count + step] = compute(buckets, step, labels[place]!.get('__name__'));
    }
  }
  // Histograms that only their names tell apart are an error.
  return withoutNames(result);
}

function histogramsOf(rows: readonly LabelSet[]): Histograms {
  const index = new Map<string, number>();
  const labels: LabelSet[] = [];
  const bounds: { le: number; row: number }[][] = [];
  const malformed: number[] = [];
  for (const [row, one] of rows.entries()) {
    const le = parseValue(one.get('le'));
    if (le === undefined) {
      malformed.push(row);
      continue;
    }
    const rest = one.drop(['le']);
    let place = index.get(rest.key);
    if (place === undefined) {
      place = labels.push(rest) - 1;
      index.set(rest.key, place);
      bounds.push([]);
    }
    bounds[place]!.push({ le, row });
  }
  for (const each of bounds) each.sort((a, b) => a.le - b.le);
  return { labels, bounds, malformed };
}
