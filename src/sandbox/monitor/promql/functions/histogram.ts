import type { LabelSet } from '../../tsdb/labels.ts';
import { parseValue } from '../value.ts';
import { numberOf, type PromqlFunction, samplesOf, vector } from './signature.ts';

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
    call: ([q, input]) => {
      const histograms = new Map<string, { labels: LabelSet; buckets: Bucket[] }>();
      for (const { labels, value } of samplesOf(input)) {
        const le = parseValue(labels.get('le'));
        if (le === undefined) continue;
        const rest = withoutBucket(labels);
        let histogram = histograms.get(rest.key);
        if (!histogram) {
          histogram = { labels: rest, buckets: [] };
          histograms.set(rest.key, histogram);
        }
        histogram.buckets.push({ le, count: value });
      }
      return vector(
        [...histograms.values()].map(({ labels, buckets }) => ({
          labels,
          value: bucketQuantile(numberOf(q), buckets),
        })),
      );
    },
  },
};

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
function bucketQuantile(q: number, unsorted: readonly Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const buckets = monotonic(merged([...unsorted].sort((a, b) => a.le - b.le)));
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
function monotonic(buckets: Bucket[]): Bucket[] {
  let previous = buckets[0]?.count ?? 0;
  for (const bucket of buckets.slice(1)) {
    const small = Math.abs(bucket.count - previous) <= SMALL_DELTA * Math.abs(bucket.count + previous);
    if (small || bucket.count < previous) bucket.count = previous;
    previous = bucket.count;
  }
  return buckets;
}
