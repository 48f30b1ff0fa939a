import type { ByteReader, ByteWriter } from './bytes.ts';

/** Values of one series: as floats, or whole numbers of 10^-decimals. */
const asFloats = 31;

const mostDecimals = 15;

/** Differences of whole numbers below this stay below 2^53 as zigzag. */
const largest = 2 ** 51;

/**
 * Digits that are kept of the largest value of a series whose values are no short decimals: sums of seconds carry the
 * rounding errors of their additions.
 */
const digits = 9;

/**
 * Writes values as differences, repeats counted. Decimals and whole numbers come back as they are; values that are no
 * decimals of 15 digits are rounded to 9 digits of the largest of them; NaN and infinities come back.
 */
export function writeValues(to: ByteWriter, values: Float64Array): void {
  const decimals = decimalsOf(values);
  to.whole(decimals ?? asFloats);
  const written = decimals === undefined ? values : values.map((value) => wholeOf(value, 10 ** decimals));
  let before = 0;
  for (let at = 0; at < written.length; ) {
    let repeats = 0;
    while (at + repeats < written.length && Object.is(written[at + repeats], before)) repeats++;
    if (repeats > 0) {
      // A difference of 0 says that a number of repeats follows.
      to.whole(0);
      to.whole(repeats);
      at += repeats;
      continue;
    }
    const next = written[at++]!;
    if (decimals === undefined) {
      to.whole(1);
      to.float(next);
    } else to.signed(next - before);
    before = next;
  }
}

export function readValues(from: ByteReader, count: number): Float64Array {
  const decimals = from.whole();
  const values = new Float64Array(count);
  const unit = 10 ** decimals;
  let whole = 0;
  let value = 0;
  for (let at = 0; at < count; ) {
    const difference = decimals === asFloats ? from.whole() : from.signed();
    if (difference === 0) {
      const repeats = from.whole();
      values.fill(value, at, at + repeats);
      at += repeats;
      continue;
    }
    if (decimals === asFloats) value = from.float();
    else {
      whole += difference;
      value = whole / unit;
    }
    values[at++] = value;
  }
  return values;
}

function wholeOf(value: number, unit: number): number {
  // Without the sign of a zero.
  return Math.round(value * unit) + 0;
}

/** Undefined: only floats can hold them. */
function decimalsOf(values: Float64Array): number | undefined {
  let most = 0;
  for (const value of values) {
    if (!Number.isFinite(value) || Object.is(value, -0)) return undefined;
    most = Math.max(most, Math.abs(value));
  }
  if (most >= largest) return undefined;
  for (let decimals = 0; decimals <= mostDecimals && most * 10 ** decimals < largest; decimals++)
    if (values.every((value) => wholeOf(value, 10 ** decimals) / 10 ** decimals === value)) return decimals;
  const rounded = digits - Math.ceil(Math.log10(most));
  return rounded < 0 || rounded > mostDecimals ? undefined : rounded;
}
