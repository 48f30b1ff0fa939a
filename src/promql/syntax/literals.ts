import { parseDuration } from '../duration.ts';

/** The value of a number or duration literal without a sign; a duration counts in seconds. */
export function numberOf(literal: string): number {
  const text = literal.replaceAll('_', '').toLowerCase();
  if (text === 'nan') return Number.NaN;
  if (text === 'inf') return Infinity;
  if (/^\d+[a-z]/.test(text) && !/^(0x|\d+e)/.test(text)) return (parseDuration(text) ?? Infinity) / 1000;
  // As Go's ParseInt with base 0: a leading zero means octal.
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return Number(text);
}

const ESCAPES: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The text of a quoted literal, with Go's escapes; between backticks nothing is an escape. Throws Error. */
export function unquoted(literal: string): string {
  const [quote = ''] = literal;
  const body = literal.slice(1, -1);
  return quote === '`' ? body : unescapeString(body, quote);
}

/** Go's escapes of a quoted literal. Throws Error for one that it does not have. */
export function unescapeString(body: string, quote = '"'): string {
  return body.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs,
    (whole, hex?: string, short?: string, long?: string, octal?: string, single?: string) => {
      const code = Number.parseInt(hex ?? short ?? long ?? '', 16);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
      if (single === '\\' || single === quote) return single;
      const known = ESCAPES[single ?? ''];
      if (known === undefined) throw new Error(`unknown escape sequence '${single ? `\\${single}` : whole}'`);
      return known;
    },
  );
}
