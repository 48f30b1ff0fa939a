import { PromqlError } from '../error.ts';
import { type RangeFunction, rangesOf, type Span } from './signature.ts';

/** Functions of the change of one series over a range; those that need two samples give none for fewer. */
export const rateFunctions: Record<string, RangeFunction> = {
  rate: ofCounter((span) => extrapolated(span, true, true)),
  increase: ofCounter((span) => extrapolated(span, true, false)),
  delta: overRange((span) => extrapolated(span, false, false)),
  irate: overRange((span) => lastChange(span, true)),
  idelta: overRange((span) => lastChange(span, false)),
  changes: overRange((span) => count(span, differ)),
  resets: overRange((span) => count(span, (previous, current) => current < previous)),
  deriv: overRange((span) =>
    span.to - span.from < 2 ? undefined : regression(span, span.times[span.from]!).slope,
  ),
  double_exponential_smoothing: smoothing(),
  // The name before Prometheus 3.
  holt_winters: smoothing(),
  predict_linear: {
    args: ['range vector', 'scalar'],
    returns: 'instant vector',
    over: (span, [ahead]) => {
      if (span.to - span.from < 2) return undefined;
      const { slope, intercept } = regression(span, span.time);
      return slope * ahead! + intercept;
    },
  },
};

function overRange(over: (span: Span) => number | undefined): RangeFunction {
  return { args: ['range vector'], returns: 'instant vector', over };
}

/** Tells of metrics whose names are not those of counters. */
function ofCounter(over: (span: Span) => number | undefined): RangeFunction {
  return {
    ...overRange(over),
    remark: ([range], { annotations, places }) => {
      const { rows, windows } = rangesOf(range);
      for (const [row, { from, to }] of windows.entries()) {
        const name = rows[row]!.get('__name__');
        if (from < to && name !== '' && !/_(total|sum|count|bucket)$/.test(name))
          annotations.inform(
            `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "${name}"`,
            places[0] ?? 0,
          );
      }
    },
  };
}

/** As funcDoubleExponentialSmoothing in promql/functions.go: a smoothed value, with a trend. */
function smoothing(): RangeFunction {
  const factor = (value: number, what: string) => {
    if (value > 0 && value < 1) return value;
    const [name] = what;
    throw new PromqlError(
      'execution',
      `invalid ${what} factor. Expected: 0 < ${name}f < 1, got: ${value.toFixed(6)}`,
    );
  };
  return {
    args: ['range vector', 'scalar', 'scalar'],
    returns: 'instant vector',
    over: ({ values, from, to }, [smoothed, trended]) => {
      const sf = factor(smoothed!, 'smoothing');
      const tf = factor(trended!, 'trend');
      if (to - from < 2) return undefined;
      let [before, now] = [0, values[from]!];
      let trend = values[from + 1]! - now;
      for (let i = from + 1; i < to; i++) {
        if (i > from + 1) trend = tf * (now - before) + (1 - tf) * trend;
        [before, now] = [now, sf * values[i]! + (1 - sf) * (now + trend)];
      }
      return now;
    },
  };
}

/** As extrapolatedRate in promql/functions.go of Prometheus 3. */
function extrapolated(
  { times, values, from, to, start, end }: Span,
  isCounter: boolean,
  isPerSecond: boolean,
): number | undefined {
  if (to - from < 2) return undefined;
  const first = values[from]!;
  let result = values[to - 1]! - first;
  if (isCounter) {
    for (let i = from + 1; i < to; i++) if (values[i]! < values[i - 1]!) result += values[i - 1]!;
  }
  const sampled = (times[to - 1]! - times[from]!) / 1000;
  const spacing = sampled / (to - from - 1);
  // A gap at an end longer than a scrape and a bit means that the series began or ended there.
  const threshold = spacing * 1.1;
  let toStart = (times[from]! - start) / 1000;
  let toEnd = (end - times[to - 1]!) / 1000;
  if (toStart >= threshold) toStart = spacing / 2;
  if (isCounter && result > 0 && first >= 0) {
    // A counter cannot have been below zero: do not reach back beyond where it would have been zero.
    toStart = Math.min(toStart, sampled * (first / result));
  }
  if (toEnd >= threshold) toEnd = spacing / 2;
  const factor = (sampled + toStart + toEnd) / sampled;
  return result * (isPerSecond ? factor / ((end - start) / 1000) : factor);
}

function lastChange({ times, values, from, to }: Span, isPerSecond: boolean): number | undefined {
  if (to - from < 2) return undefined;
  const last = values[to - 1]!;
  const previous = values[to - 2]!;
  if (!isPerSecond) return last - previous;
  return (last < previous ? last : last - previous) / ((times[to - 1]! - times[to - 2]!) / 1000);
}

function differ(previous: number, current: number): boolean {
  return current !== previous && !(Number.isNaN(current) && Number.isNaN(previous));
}

function count({ values, from, to }: Span, counts: (previous: number, current: number) => boolean): number {
  let total = 0;
  for (let i = from + 1; i < to; i++) if (counts(values[i - 1]!, values[i]!)) total++;
  return total;
}

/** Least squares; the intercept is the value at `origin` (ms), the slope per second. */
function regression({ times, values, from, to }: Span, origin: number): { slope: number; intercept: number } {
  const n = to - from;
  let isConstant = true;
  let sumX = 0;
  let sumY = 0;
  // Relative to the first sample: wall times in seconds would cost half of the digits.
  const base = times[from]!;
  for (let i = from; i < to; i++) {
    if (values[i] !== values[from]) isConstant = false;
    sumX += (times[i]! - base) / 1000;
    sumY += values[i]!;
  }
  if (isConstant) {
    return Number.isFinite(values[from]!)
      ? { slope: 0, intercept: values[from]! }
      : { slope: Number.NaN, intercept: Number.NaN };
  }
  const meanX = sumX / n;
  const meanY = sumY / n;
  let covariance = 0;
  let variance = 0;
  for (let i = from; i < to; i++) {
    const x = (times[i]! - base) / 1000 - meanX;
    covariance += x * (values[i]! - meanY);
    variance += x * x;
  }
  const slope = covariance / variance;
  return { slope, intercept: meanY + slope * ((origin - base) / 1000 - meanX) };
}
