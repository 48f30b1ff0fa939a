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
  return body.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs,
    (_, hex?: string, short?: string, long?: string, octal?: string, single?: string) => {
      const code = hex ?? short ?? long;
      if (code) return String.fromCodePoint(Number.parseInt(code, 16));
      if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
      if (single === '\\' || single === quote) return single;
      const known = ESCAPES[single!];
      if (known === undefined) throw parseError(text, node.from, `unknown escape sequence '\\${single}'`);
      return known;
    },
  );
}
