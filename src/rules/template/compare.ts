import { type Datum, typeName } from './value.ts';

/** Go compares whole numbers with whole numbers and floats with floats only: `gt $value 10` is an error. */
export function equal(a: Datum, b: Datum): boolean {
  if (a === undefined || b === undefined) return a === b;
  comparable(a, b);
  return a === b;
}

/** Below zero if `a` comes first. Throws Error for what has no order. */
export function compare(a: Datum, b: Datum): number {
  if (a === undefined || b === undefined) throw new Error('invalid type for comparison');
  comparable(a, b);
  if (typeof a === 'boolean' || typeof b === 'boolean') throw new Error('invalid type for comparison');
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparable(a: Exclude<Datum, undefined>, b: Exclude<Datum, undefined>): void {
  if (typeof a === 'object' || typeof b === 'object') throw new Error('invalid type for comparison');
  if (typeof a !== typeof b)
    throw new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}${hint(a, b)}`);
}

function hint(a: Datum, b: Datum): string {
  const isMixed =
    [a, b].some((one) => typeof one === 'number') && [a, b].some((one) => typeof one === 'bigint');
  return isMixed ? ' (write 10.0 instead of 10)' : '';
}
