/** Statistics of the first `length` values of an array. */
type Values = ArrayLike<number>;

/** Neumaier's compensated sum, as Prometheus adds up. */
export function sum(values: Values, from = 0, to = values.length): number {
  let total = 0;
  let compensation = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const next = total + value;
    compensation += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  // An overflow or an infinity leaves no compensation that means anything.
  return Number.isFinite(total) ? total + compensation : total;
}

/** As Prometheus, which goes on with a running mean where the sum is too large for a number. */
export function mean(values: Values, from = 0, to = values.length): number {
  const total = sum(values, from, to);
  const n = to - from;
  if (Number.isFinite(total) || Number.isNaN(total)) return total / n;
  let running = 0;
  let compensation = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const count = i - from + 1;
    // Infinity stays: adding to it would make NaN of it.
    if (!Number.isFinite(running) && (Number.isFinite(value) || Math.sign(value) === Math.sign(running)))
      continue;
    const part = value / count - (running + compensation) / count;
    const next = running + part;
    if (Number.isFinite(next))
      compensation += Math.abs(running) >= Math.abs(part) ? running - next + part : part - next + running;
    running = next;
  }
  return Number.isFinite(running) ? running + compensation : running;
}

/** Population variance by Welford's method: exactly 0 for equal values. */
export function variance(values: Values, from = 0, to = values.length): number {
  let average = 0;
  let squares = 0;
  for (let i = from; i < to; i++) {
    const delta = values[i]! - average;
    average += delta / (i - from + 1);
    squares += delta * (values[i]! - average);
  }
  return squares / (to - from);
}

/** Linear between neighbours; ±Inf outside [0, 1]; NaN sorts lowest. */
export function quantile(q: number, values: Values, from = 0, to = values.length): number {
  if (from === to || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const sorted = new Float64Array(to - from);
  let nans = 0;
  for (let i = from; i < to; i++) if (Number.isNaN(values[i]!)) sorted[nans++] = Number.NaN;
  for (let i = from, k = nans; i < to; i++) if (!Number.isNaN(values[i]!)) sorted[k++] = values[i]!;
  sorted.subarray(nans).sort();
  const rank = q * (sorted.length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(sorted.length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight;
}

/** NaN counts only if there is nothing else. */
export function least(values: Values, from = 0, to = values.length): number {
  let best = values[from]!;
  for (let i = from + 1; i < to; i++) if (values[i]! < best || Number.isNaN(best)) best = values[i]!;
  return best;
}

/** NaN counts only if there is nothing else. */
export function most(values: Values, from = 0, to = values.length): number {
  let best = values[from]!;
  for (let i = from + 1; i < to; i++) if (values[i]! > best || Number.isNaN(best)) best = values[i]!;
  return best;
}
