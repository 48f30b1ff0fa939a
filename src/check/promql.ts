import type { Sample } from '../signal/series.ts';
import type { CheckContext, Finding } from './evaluate.ts';
import type { PromqlCheck } from './grammar.ts';
import { whyNotLooking } from './looking.ts';
import { formatNumber } from './number.ts';

/** Every series that the query gives must be within the bounds. No series, or NaN, is a gap. */
export async function checkPromql(
  check: PromqlCheck,
  { prometheus, signal }: CheckContext,
): Promise<Finding> {
  const samples = await prometheus.query(check.query, { signal });
  if (check.absent && samples.length > 0) {
    const series = samples.length === 1 ? '1 series' : `${samples.length} series`;
    return { holds: false, seen: `${series} for ${check.query}, expected none` };
  }
  if (check.absent || saysNothingIsThere(check.query)) {
    const reason = await whyNotLooking(check.query, prometheus, signal);
    if (reason) return { holds: false, gap: true, seen: `no data for ${check.query}: ${reason}` };
  }
  if (check.absent) return { holds: true, seen: `no series for ${check.query}, as expected` };
  const usable = samples.filter(({ value }) => !Number.isNaN(value));
  if (usable.length === 0) {
    const seen = samples.length === 0 ? 'no data' : 'not a number (NaN)';
    return { holds: false, gap: true, seen: `${seen} for ${check.query}` };
  }
  const worst = usable.reduce((left, right) => (excess(check, right) > excess(check, left) ? right : left));
  const unit = check.unit ?? (check.query.includes('_seconds') ? 's' : '');
  return {
    holds: excess(check, worst) <= 0,
    value: worst.value,
    seen: `${formatNumber(worst.value, unit)}${nameOf(worst, usable.length)} (${wanted(check)} wanted)`,
  };
}

/** `or vector(0)` and `absent(…)` make a number of an empty answer: that one has to be earned, too. */
function saysNothingIsThere(query: string): boolean {
  return /\b(vector|absent|absent_over_time)\s*\(/.test(query);
}

/** How far a value is out of the bounds; at most 0 inside. A bound itself is outside: below is below. */
function excess({ below, above, equals }: PromqlCheck, { value }: Sample): number {
  const distances: number[] = [];
  if (below !== undefined) distances.push(value < below ? 0 : value - below || Number.MIN_VALUE);
  if (above !== undefined) distances.push(value > above ? 0 : above - value || Number.MIN_VALUE);
  if (equals !== undefined) distances.push(isClose(value, equals) ? 0 : Math.abs(value - equals));
  return Math.max(...distances);
}

/** Sums of floats come out a little off. */
function isClose(left: number, right: number): boolean {
  return left === right || Math.abs(left - right) <= 1e-9 * Math.max(Math.abs(left), Math.abs(right));
}

function wanted({ below, above, equals }: PromqlCheck): string {
  const bounds: string[] = [];
  if (below !== undefined) bounds.push(`below ${formatNumber(below)}`);
  if (above !== undefined) bounds.push(`above ${formatNumber(above)}`);
  if (equals !== undefined) bounds.push(formatNumber(equals));
  return bounds.join(' and ');
}

/** Which of several series it is, by its labels. */
function nameOf({ labels }: Sample, count: number): string {
  if (count === 1) return '';
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__');
  return ` at ${pairs.map(([name, value]) => `${name}=${value}`).join(', ') || 'one of them'}`;
}
