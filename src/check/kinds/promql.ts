import { z } from 'zod';
import { exactlyOne } from '../../document/fields.ts';
import type { Sample } from '../../signal/series.ts';
import { unitOf } from '../../signal/unit.ts';
import { plural, quantity } from '../../words/number.ts';
import type { CheckContext, CheckKind, Finding } from '../kind.ts';
import { whyNotLooking } from '../looking.ts';

interface Spec {
  query: string;
  below?: number;
  above?: number;
  equals?: number;
  /** The query must give no series at all. */
  absent?: boolean;
  /** For screens: s, %, /s … */
  unit?: string;
}

/** Every series that the query gives must be within the bounds. No series, or NaN, is a gap. */
export const promql: CheckKind<Spec> = {
  schema: z
    .strictObject({
      query: z.string().min(1),
      below: z.number().optional(),
      above: z.number().optional(),
      equals: z.number().optional(),
      absent: z.literal(true).optional(),
      unit: z.string().optional(),
    })
    .superRefine((value, context) => {
      const bounds = [value.below, value.above, value.equals, value.absent];
      if (bounds.every((bound) => bound === undefined))
        exactlyOne(value, ['below', 'above', 'equals', 'absent'], 'bound', context);
      const { above, below } = value;
      if (above !== undefined && below !== undefined && above >= below)
        context.addIssue({
          code: 'custom',
          path: ['above'],
          message: `No value is above ${above} and below ${below}.`,
          params: { code: 'impossible-bounds' },
        });
    }),
  evaluate,
  permissions: () => [],
  references: ({ query }) => [{ query, path: ['query'] }],
};

async function evaluate(check: Spec, { prometheus, signal }: CheckContext): Promise<Finding> {
  const samples = await prometheus.query(check.query, { signal });
  if (check.absent && samples.length > 0) {
    const series = plural(samples.length, 'series', 'series');
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
  const unit = check.unit ?? unitOf(check.query);
  return {
    holds: excess(check, worst) <= 0,
    value: worst.value,
    seen: `${quantity(worst.value, unit)}${nameOf(worst, usable.length)} (expected ${bounds(check, unit)})`,
  };
}

/** `or vector(0)` and `absent(…)` make a number of an empty answer: that one has to be earned, too. */
function saysNothingIsThere(query: string): boolean {
  return /\b(vector|absent|absent_over_time)\s*\(/.test(query);
}

/** How far a value is out of the bounds; at most 0 inside. A bound itself is outside: below is below. */
function excess({ below, above, equals }: Spec, { value }: Sample): number {
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

function bounds({ below, above, equals }: Spec, unit: string): string {
  const all: string[] = [];
  if (below !== undefined) all.push(`below ${quantity(below, unit)}`);
  if (above !== undefined) all.push(`above ${quantity(above, unit)}`);
  if (equals !== undefined) all.push(quantity(equals, unit));
  return all.join(' and ');
}

/** Which of several series it is, by its labels. */
function nameOf({ labels }: Sample, count: number): string {
  if (count === 1) return '';
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__');
  return ` at ${pairs.map(([name, value]) => `${name}=${value}`).join(', ') || 'one of them'}`;
}
