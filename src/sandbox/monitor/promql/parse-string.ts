import type { SyntaxNode } from '@lezer/common';
import { parseError } from './error.ts';

const ESCAPES: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The text of a quoted literal, with Go's escapes; between backticks nothing is an escape. */
export function unquote(text: string, node: SyntaxNode): string {
  const literal = text.slice(node.from, node.to);
  const quote = literal[0]!;
  if (literal.length < 2 || !literal.endsWith(quote)) {
    throw parseError(text, node.from, 'unterminated quoted string');
  }
  const body = literal.slice(1, -1);
  if (quote === '`') return body;
  try {
    return unescapeString(body, quote);
  } catch (cause) {
    throw parseError(text, node.from, (cause as Error).message);
  }
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
