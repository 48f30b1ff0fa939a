/** Differences smaller than this part are noise of adding floats, not a bucket that shrank. */
const SMALL_DELTA = 1e-12;

/** The buckets of one histogram at one time, lowest first: upper bounds (inclusive) and observations up to them. */
export class Buckets {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  length = 0;

  constructor(most: number) {
    this.bounds = new Float64Array(most);
    this.counts = new Float64Array(most);
  }

  clear(): void {
    this.length = 0;
  }

  /** Bounds come in order; what comes again (`le="1"` and `le="1.0"`) adds up. */
  add(bound: number, count: number): void {
    if (this.length > 0 && this.bounds[this.length - 1] === bound) {
      this.counts[this.length - 1]! += count;
      return;
    }
    this.bounds[this.length] = bound;
    this.counts[this.length++] = count;
  }

  /** Scrapes of different moments can make a bucket smaller than the one below: it is lifted. True if one was. */
  makeMonotonic(): boolean {
    const { counts } = this;
    let isFixed = false;
    for (let i = 1; i < this.length; i++) {
      const [previous, count] = [counts[i - 1]!, counts[i]!];
      const isSmall = Math.abs(count - previous) <= SMALL_DELTA * Math.abs(count + previous);
      if (!isSmall && count < previous) isFixed = true;
      if (isSmall || count < previous) counts[i] = previous;
    }
    return isFixed;
  }
}

/** As BucketQuantile in promql/quantile.go: linear inside a bucket, the last finite bound above it. */
export function bucketQuantile(q: number, { bounds, counts, length }: Buckets): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const last = length - 1;
  if (length < 2 || bounds[last] !== Infinity) return Number.NaN;
  const total = counts[last]!;
  if (total === 0 || Number.isNaN(total)) return Number.NaN;
  const rank = q * total;
  let found = 0;
  while (found < last && !(counts[found]! >= rank)) found++;
  if (found === last) return bounds[last - 1]!;
  const end = bounds[found]!;
  if (found === 0) return end <= 0 ? end : end * (rank / counts[0]!);
  const [start, below] = [bounds[found - 1]!, counts[found - 1]!];
  return start + (end - start) * ((rank - below) / (counts[found]! - below));
}

/** As BucketFraction in promql/quantile.go: the part of the observations between two bounds, linear inside a bucket. */
export function bucketFraction(lower: number, upper: number, buckets: Buckets): number {
  const { bounds, counts, length } = buckets;
  const total = counts[length - 1]!;
  if (bounds[length - 1] !== Infinity || !(total > 0) || Number.isNaN(lower) || Number.isNaN(upper))
    return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / total;
}

/** How many observations are below a value. */
function rankOf(value: number, { bounds, counts, length }: Buckets): number {
  const total = counts[length - 1]!;
  let rank = 0;
  for (let i = 0; i < length; i++) {
    const [le, count] = [bounds[i]!, counts[i]!];
    const from = i > 0 ? bounds[i - 1]! : le > 0 ? 0 : -Infinity;
    if (from >= value) return rank;
    if (le > value) return Math.min(total, rank + ((count - rank) * (value - from)) / (le - from));
    rank = count;
  }
  return total;
}
