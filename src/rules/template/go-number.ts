import { formatValue } from '../../promql/value.ts';

/** Go's %v and %g: the shortest text that reads back, with an exponent below 1e-4 and from 1e+06. */
export function shortest(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatValue(value);
  const [digits, power] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < LARGEST_PLAIN) return formatValue(value);
  return `${digits}e${twoDigits(exponent)}`;
}

/** Exponent from which Go's strconv writes the shortest form with one. */
const LARGEST_PLAIN = 6;

/** Go's %g with a precision: the shorter of plain and exponent form, without trailing zeros. */
export function general(value: number, precision: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  if (value === 0) return '0';
  const rounded = tieToEven(value, precision);
  const [digits, power] = rounded.toExponential(precision - 1).split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= precision) return `${trimmed(digits!)}e${twoDigits(exponent)}`;
  return trimmed(rounded.toPrecision(precision));
}

/** Go's %f. */
export function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}${decimals > 0 ? `.${'0'.repeat(decimals)}` : ''}`;
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  return tieToEven(value, exponent + 1 + decimals).toFixed(decimals);
}

/**
 * JavaScript rounds a number exactly between two texts up, Go to the even one: such a number is cut to its
 * first `digits` digits if they are even.
 */
function tieToEven(value: number, digits: number): number {
  if (value === 0 || digits < 0 || digits > 50) return value;
  const [mantissa, power] = Math.abs(value).toExponential(60).split('e');
  const all = mantissa!.replace('.', '');
  const last = digits === 0 ? 0 : Number(all[digits - 1]);
  if (last % 2 !== 0 || !/^50*$/.test(all.slice(digits))) return value;
  const kept = all.slice(0, digits) || '0';
  return Math.sign(value) * Number(`${kept}e${Number(power) - Math.max(0, digits - 1)}`);
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function twoDigits(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
