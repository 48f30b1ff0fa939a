import type { Window } from '../../tsdb/series.ts';
import { PromqlError } from '../error.ts';
import type { Matrix } from '../value.ts';
import { matrixOf, numberOf, type PromqlFunction, vector } from './signature.ts';

/** Functions of the change of one series over a range; those that need two samples give none for fewer. */
export const rateFunctions: Record<string, PromqlFunction> = {
  rate: ofCounter((window, range) => extrapolated(window, range, { counter: true, perSecond: true })),
  increase: ofCounter((window, range) => extrapolated(window, range, { counter: true, perSecond: false })),
  delta: overRange((window, range) => extrapolated(window, range, { counter: false, perSecond: false })),
  irate: overRange((window) => lastChange(window, true)),
  idelta: overRange((window) => lastChange(window, false)),
  changes: overRange((window) => count(window, differ)),
  resets: overRange((window) => count(window, (previous, current) => current < previous)),
  deriv: overRange((window) =>
    window.to - window.from < 2 ? undefined : regression(window, window.times[window.from]!).slope,
  ),
  double_exponential_smoothing: smoothing(),
  // The name before Prometheus 3.
  holt_winters: smoothing(),
  predict_linear: {
    args: ['range vector', 'scalar'],
    returns: 'instant vector',
    call: ([range, ahead], { time }) =>
      perWindow(matrixOf(range), (window) => {
        if (window.to - window.from < 2) return undefined;
        const { slope, intercept } = regression(window, time);
        return slope * numberOf(ahead) + intercept;
      }),
  },
};

function overRange(compute: (window: Window, range: Matrix) => number | undefined): PromqlFunction {
  return {
    args: ['range vector'],
    returns: 'instant vector',
    call: ([range]) => perWindow(matrixOf(range), compute),
  };
}

/** Tells of metrics whose names are not those of counters. */
function ofCounter(compute: (window: Window, range: Matrix) => number | undefined): PromqlFunction {
  return {
    args: ['range vector'],
    returns: 'instant vector',
    call: ([range], { annotations, places }) => {
      for (const { labels } of matrixOf(range).windows) {
        const name = labels.get('__name__');
        if (name !== '' && !/_(total|sum|count|bucket)$/.test(name))
          annotations.inform(
            `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "${name}"`,
            places[0] ?? 0,
          );
      }
      return perWindow(matrixOf(range), compute);
    },
  };
}

/** As funcDoubleExponentialSmoothing in promql/functions.go: a smoothed value, with a trend. */
function smoothing(): PromqlFunction {
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
    call: ([range, smoothed, trended]) => {
      const sf = factor(numberOf(smoothed), 'smoothing');
      const tf = factor(numberOf(trended), 'trend');
      return perWindow(matrixOf(range), ({ values, from, to }) => {
        if (to - from < 2) return undefined;
        let [before, now] = [0, values[from]!];
        let trend = values[from + 1]! - now;
        for (let i = from + 1; i < to; i++) {
          if (i > from + 1) trend = tf * (now - before) + (1 - tf) * trend;
          [before, now] = [now, sf * values[i]! + (1 - sf) * (now + trend)];
        }
        return now;
      });
    },
  };
}

function perWindow(range: Matrix, compute: (window: Window, range: Matrix) => number | undefined) {
  const samples = [];
  for (const window of range.windows) {
    const value = compute(window, range);
    if (value !== undefined) samples.push({ labels: window.labels.withoutName(), value });
  }
  return vector(samples);
}

/** As extrapolatedRate in promql/functions.go of Prometheus 3. */
function extrapolated(
  { times, values, from, to }: Window,
  range: Matrix,
  { counter, perSecond }: { counter: boolean; perSecond: boolean },
): number | undefined {
  if (to - from < 2) return undefined;
  const first = values[from]!;
  let result = values[to - 1]! - first;
  if (counter) {
    for (let i = from + 1; i < to; i++) if (values[i]! < values[i - 1]!) result += values[i - 1]!;
  }
  const sampled = (times[to - 1]! - times[from]!) / 1000;
  const spacing = sampled / (to - from - 1);
  // A gap at an end longer than a scrape and a bit means that the series began or ended there.
  const threshold = spacing * 1.1;
  let toStart = (times[from]! - range.start) / 1000;
  let toEnd = (range.end - times[to - 1]!) / 1000;
  if (toStart >= threshold) toStart = spacing / 2;
  if (counter && result > 0 && first >= 0) {
    // A counter cannot have been below zero: do not reach back beyond where it would have been zero.
    toStart = Math.min(toStart, sampled * (first / result));
  }
  if (toEnd >= threshold) toEnd = spacing / 2;
  const factor = (sampled + toStart + toEnd) / sampled;
  return result * (perSecond ? factor / ((range.end - range.start) / 1000) : factor);
}

function lastChange({ times, values, from, to }: Window, perSecond: boolean): number | undefined {
  if (to - from < 2) return undefined;
  const last = values[to - 1]!;
  const previous = values[to - 2]!;
  if (!perSecond) return last - previous;
  return (last < previous ? last : last - previous) / ((times[to - 1]! - times[to - 2]!) / 1000);
}

function differ(previous: number, current: number): boolean {
  return current !== previous && !(Number.isNaN(current) && Number.isNaN(previous));
}

function count({ values, from, to }: Window, counts: (previous: number, current: number) => boolean): number {
  let total = 0;
  for (let i = from + 1; i < to; i++) if (counts(values[i - 1]!, values[i]!)) total++;
  return total;
}

/** Least squares; the intercept is the value at `origin` (ms), the slope per second. */
function regression(
  { times, values, from, to }: Window,
  origin: number,
): { slope: number; intercept: number } {
  const n = to - from;
  let constant = true;
  let sumX = 0;
  let sumY = 0;
  // Relative to the first sample: wall times in seconds would cost half of the digits.
  const base = times[from]!;
  for (let i = from; i < to; i++) {
    if (values[i] !== values[from]) constant = false;
    sumX += (times[i]! - base) / 1000;
    sumY += values[i]!;
  }
  if (constant) {
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
