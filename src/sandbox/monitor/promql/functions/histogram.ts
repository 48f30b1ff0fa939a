import type { LabelSet } from '../../tsdb/labels.ts';
import { parseValue, type Value } from '../value.ts';
import {
  type CallContext,
  checkQuantile,
  numberOf,
  type PromqlFunction,
  samplesOf,
  vector,
} from './signature.ts';

interface Bucket {
  /** Upper bound, inclusive. */
  le: number;
  /** Observations up to the bound. */
  count: number;
}

/** Differences smaller than this part are noise of adding floats, not a bucket that shrank. */
const SMALL_DELTA = 1e-12;

/** Functions of classic histograms (series with a label `le`). */
export const histogramFunctions: Record<string, PromqlFunction> = {
  histogram_quantile: {
    args: ['scalar', 'instant vector'],
    returns: 'instant vector',
    call: ([q, input], context) => {
      checkQuantile(numberOf(q), context);
      return vector(
        histogramsOf(input, context, 1).map(({ labels, name, buckets }) => {
          const sorted = monotonic(merged(buckets));
          if (sorted.isFixed)
            context.annotations.inform(
              `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "${name}"`,
              context.places[1] ?? 0,
            );
          return { labels, value: bucketQuantile(numberOf(q), sorted.buckets) };
        }),
      );
    },
  },
  histogram_fraction: {
    args: ['scalar', 'scalar', 'instant vector'],
    returns: 'instant vector',
    call: ([lower, upper, input], context) =>
      vector(
        histogramsOf(input, context, 2).map(({ labels, buckets }) => ({
          labels,
          value: bucketFraction(numberOf(lower), numberOf(upper), monotonic(merged(buckets)).buckets),
        })),
      ),
  },
  histogram_avg: ofNative(),
  histogram_count: ofNative(),
  histogram_sum: ofNative(),
  histogram_stddev: ofNative(),
  histogram_stdvar: ofNative(),
};

/** Functions of native histograms, of which the sandbox has none: as in Prometheus, other samples give nothing. */
function ofNative(): PromqlFunction {
  return { args: ['instant vector'], returns: 'instant vector', call: () => vector([]) };
}

/** The buckets of each histogram, by their bounds. `index` is that of the argument. */
function histogramsOf(
  input: Value | undefined,
  { annotations, places }: CallContext,
  index: number,
): { labels: LabelSet; name: string; buckets: Bucket[] }[] {
  const histograms = new Map<string, { labels: LabelSet; name: string; buckets: Bucket[] }>();
  for (const { labels, value } of samplesOf(input)) {
    const le = parseValue(labels.get('le'));
    const name = labels.get('__name__');
    if (le === undefined) {
      annotations.warn(
        `bucket label "le" is missing or has a malformed value of "${labels.get('le')}" for metric name "${name}"`,
        places[index] ?? 0,
      );
      continue;
    }
    const rest = withoutBucket(labels);
    let histogram = histograms.get(rest.key);
    if (!histogram) {
      histogram = { labels: rest, name, buckets: [] };
      histograms.set(rest.key, histogram);
    }
    histogram.buckets.push({ le, count: value });
  }
  for (const { buckets } of histograms.values()) buckets.sort((a, b) => a.le - b.le);
  return [...histograms.values()];
}

const bucketless = new WeakMap<LabelSet, LabelSet>();

function withoutBucket(labels: LabelSet): LabelSet {
  let rest = bucketless.get(labels);
  if (!rest) {
    rest = labels.drop(['__name__', 'le']);
    bucketless.set(labels, rest);
  }
  return rest;
}

/** As BucketQuantile in promql/quantile.go: linear inside a bucket, the last finite bound above it. */
function bucketQuantile(q: number, buckets: readonly Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  if (buckets.length < 2 || buckets.at(-1)!.le !== Infinity) return Number.NaN;
  const total = buckets.at(-1)!.count;
  if (total === 0 || Number.isNaN(total)) return Number.NaN;
  const rank = q * total;
  const found = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  if (found === -1) return buckets.at(-2)!.le;
  const { le: end, count } = buckets[found]!;
  if (found === 0) return end <= 0 ? end : end * (rank / count);
  const below = buckets[found - 1]!;
  return below.le + (end - below.le) * ((rank - below.count) / (count - below.count));
}

function merged(sorted: readonly Bucket[]): Bucket[] {
  const result: Bucket[] = [];
  for (const bucket of sorted) {
    const last = result.at(-1);
    if (last?.le === bucket.le) last.count += bucket.count;
    else result.push({ ...bucket });
  }
  return result;
}

/** Scrapes of different moments can make a bucket smaller than the one below: it is lifted. */
function monotonic(buckets: Bucket[]): { buckets: Bucket[]; isFixed: boolean } {
  let previous = buckets[0]?.count ?? 0;
  let isFixed = false;
  for (const bucket of buckets.slice(1)) {
    const small = Math.abs(bucket.count - previous) <= SMALL_DELTA * Math.abs(bucket.count + previous);
    if (!small && bucket.count < previous) isFixed = true;
    if (small || bucket.count < previous) bucket.count = previous;
    previous = bucket.count;
  }
  return { buckets, isFixed };
}

/** As BucketFraction in promql/quantile.go: the part of the observations between two bounds, linear inside a bucket. */
function bucketFraction(lower: number, upper: number, buckets: readonly Bucket[]): number {
  const last = buckets.at(-1);
  if (last?.le !== Infinity || !(last.count > 0) || Number.isNaN(lower) || Number.isNaN(upper))
    return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets, last.count) - rankOf(lower, buckets, last.count)) / last.count;
}

/** How many observations are below a value. */
function rankOf(value: number, buckets: readonly Bucket[], total: number): number {
  let rank = 0;
  for (const [index, { le, count }] of buckets.entries()) {
    const from = index > 0 ? (buckets[index - 1]?.le ?? 0) : le > 0 ? 0 : -Infinity;
    if (from >= value) return rank;
    if (le > value) return Math.min(total, rank + ((count - rank) * (value - from)) / (le - from));
    rank = count;
  }
  return total;
}
