/** Kubernetes quantities (apimachinery/pkg/api/resource): parsing, comparing, the canonical form. */

const binary: Record<string, bigint> = {
  Ki: 1024n,
  Mi: 1024n ** 2n,
  Gi: 1024n ** 3n,
  Ti: 1024n ** 4n,
  Pi: 1024n ** 5n,
  Ei: 1024n ** 6n,
};
const decimalExponent: Record<string, number> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const decimalSuffix = new Map(
  Object.entries(decimalExponent).map(([suffix, exponent]) => [exponent, suffix]),
);

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/;

export interface Quantity {
  /** Billionths, rounded up as the real parser does. */
  nanos: bigint;
  format: 'decimal' | 'binary' | 'exponent';
}

/** The largest quantity that there is; what would be more is this. */
const most = (2n ** 63n - 1n) * 1_000_000_000n;

/** `digits` times ten to the `scale`, rounded up. Never computes a number of a billion digits: `1e999999999` is a quantity. */
function capped(digits: bigint, scale: number): bigint {
  if (digits === 0n) return 0n;
  if (scale > 28) return most;
  const scaled = scale >= 0 ? digits * 10n ** BigInt(scale) : dividedUp(digits, -scale);
  return scaled < most ? scaled : most;
}

function dividedUp(digits: bigint, scale: number): bigint {
  if (scale > digits.toString().length) return 1n;
  const divisor = 10n ** BigInt(scale);
  return (digits + divisor - 1n) / divisor;
}

/** undefined if the text is no quantity. */
export function parseQuantity(value: unknown): Quantity | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const match = pattern.exec(text);
  if (!match || (!match[2] && !match[3])) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const digits = BigInt(`${whole}${fraction}` || '0');
  const isBinary = suffix in binary;
  const isExponent = /^[eE][+-]?\d+$/.test(suffix);
  const exponent = isExponent ? Number(suffix.slice(1)) : isBinary ? 0 : decimalExponent[suffix]!;
  const nanos = capped(isBinary ? digits * binary[suffix]! : digits, 9 + exponent - fraction.length);
  return {
    nanos: sign === '-' ? -nanos : nanos,
    format: isBinary ? 'binary' : isExponent ? 'exponent' : 'decimal',
  };
}

/** As a number (bytes, cores): `250m` is 0.25. undefined if it is none. */
export function quantityNumber(value: unknown): number | undefined {
  const quantity = parseQuantity(value);
  if (!quantity) return undefined;
  const { nanos } = quantity;
  return Number(nanos / 1_000_000_000n) + Number(nanos % 1_000_000_000n) / 1e9;
}

/** `512Mi` of bytes, rounded up. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)}Mi`;
}

/** Whether two values are the same quantity, as `1000m` and `1`, or `1Gi` and `1024Mi`. */
export function sameQuantity(a: unknown, b: unknown): boolean {
  const nanos = parseQuantity(a)?.nanos;
  return nanos !== undefined && nanos === parseQuantity(b)?.nanos;
}

export function compareQuantities(a: unknown, b: unknown): number {
  const left = parseQuantity(a)?.nanos ?? 0n;
  const right = parseQuantity(b)?.nanos ?? 0n;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The form in which the server writes a quantity: `1000m` becomes `1`, `0.5` becomes `500m`, `1.5Gi` `1536Mi`. */
export function canonicalQuantity(value: unknown): unknown {
  const quantity = parseQuantity(value);
  return quantity ? formatQuantity(quantity) : value;
}

export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  const isWhole = size % 1_000_000_000n === 0n;
  if (format === 'binary' && isWhole && size / 1_000_000_000n >= 1024n) {
    return sign + binaryText(size / 1_000_000_000n);
  }
  let mantissa = size;
  let exponent = -9;
  while (exponent < 18 && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format === 'exponent') return `${sign}${mantissa}${exponent ? `e${exponent}` : ''}`;
  return `${sign}${mantissa}${decimalSuffix.get(exponent)}`;
}

function binaryText(whole: bigint): string {
  let mantissa = whole;
  let suffix = '';
  for (const next of Object.keys(binary)) {
    if (mantissa % 1024n !== 0n) break;
    mantissa /= 1024n;
    suffix = next;
  }
  return `${mantissa}${suffix}`;
}
