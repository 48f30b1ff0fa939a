import { TemplateError } from './tree.ts';

export interface Token {
  readonly kind: 'space' | 'string' | 'number' | 'char' | 'field' | 'variable' | 'word' | 'mark';
  readonly text: string;
  readonly at: number;
}

/** Texts and actions in order, white space trimmed where an action says so; comments are left out. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly at: number };

/** Splits a template into texts and the tokens of its actions. Throws TemplateError. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimsNext = false;
  while (at < text.length) {
    const open = text.indexOf('{{', at);
    const end = open === -1 ? text.length : open;
    const trimsBefore = open !== -1 && /^-\s/.test(text.slice(open + 2, open + 4));
    let plain = text.slice(at, end);
    if (trimsNext) plain = plain.trimStart();
    if (trimsBefore) plain = plain.trimEnd();
    if (plain !== '') pieces.push({ kind: 'text', text: plain });
    if (open === -1) break;
    const start = open + (trimsBefore ? 3 : 2);
    const comment = /^\s*\/\*.*?\*\/(\s+-)?\}\}/s.exec(text.slice(start));
    if (comment) {
      trimsNext = comment[1] !== undefined;
      at = start + comment[0].length;
      continue;
    }
    const tokens: Token[] = [];
    const close = readTokens(text, start, tokens);
    trimsNext = text.startsWith('-', close);
    at = close + (trimsNext ? 3 : 2);
    pieces.push({ kind: 'action', tokens, at: open });
  }
  return pieces;
}

const TOKENS: readonly [Token['kind'], RegExp][] = [
  ['space', /\s+/y],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\.)+'/y],
  [
    'number',
    /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*)?\.?\d[\d_]*\.?(?:[eE][+-]?\d+)?)/y,
  ],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['mark', /:=|[|(),=.]/y],
];

/** Reads the tokens of an action from `start`; returns where it closes. */
function readTokens(text: string, start: number, tokens: Token[]): number {
  let at = start;
  for (;;) {
    if (text.startsWith('}}', at)) return at;
    if (/^-\}\}/.test(text.slice(at, at + 3)) && /\s/.test(text[at - 1] ?? '')) return at;
    const found = next(text, at);
    if (!found) {
      if (at >= text.length) throw new TemplateError(start - 2, 'unclosed action');
      if (/["`']/.test(text[at] ?? '')) throw new TemplateError(at, 'unterminated quoted string');
      throw new TemplateError(at, `unexpected ${JSON.stringify(text[at])} in an action`);
    }
    tokens.push(found);
    at += found.text.length;
  }
}

function next(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { kind, text: match[0], at };
  }
  return undefined;
}
