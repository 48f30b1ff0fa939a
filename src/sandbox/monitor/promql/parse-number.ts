import type { SyntaxNode } from '@lezer/common';
import { LONGEST_MS, parseDuration } from './duration.ts';
import { parseError, unsupported } from './error.ts';

/** The value of a number or duration literal; a duration counts in seconds. */
export function parseNumber(literal: string): number {
  const [, sign, rest] = /^([+-]?)\s*(.*)$/s.exec(literal)!;
  const factor = sign === '-' ? -1 : 1;
  const text = rest!.replaceAll('_', '').toLowerCase();
  if (text === 'nan') return Number.NaN;
  if (text === 'inf') return factor * Infinity;
  if (/^\d+[a-z]/.test(text) && !/^(0x|\d+e)/.test(text))
    return (factor * (parseDuration(text) ?? Infinity)) / 1000;
  // As Go's ParseInt with base 0: a leading zero means octal.
  if (/^0[0-7]+$/.test(text)) return factor * Number.parseInt(text, 8);
  return factor * Number(text);
}

/** Milliseconds of what stands in brackets or after `offset`: literals and + - * / % ^ of them. */
export function parseDurationExpression(text: string, node: SyntaxNode): number {
  const children = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  const source = text.slice(node.from, node.to);
  if (node.name === 'NumberDurationLiteralInDurationContext') {
    return milliseconds(parseNumber(source), text, node);
  }
  if (children.length === 1) return parseDurationExpression(text, children[0]!);
  if (children[0]?.name === 'UnaryOp') {
    const value = parseDurationExpression(text, children[1]!);
    return source.startsWith('-') ? -value : value;
  }
  if (children.length === 3) {
    const left = parseDurationExpression(text, children[0]!) / 1000;
    const right = parseDurationExpression(text, children[2]!) / 1000;
    const compute = ARITHMETIC[text.slice(children[1]!.from, children[1]!.to)];
    const seconds = compute?.(left, right);
    if (seconds !== undefined) return milliseconds(seconds, text, node);
  }
  throw unsupported(`duration expression "${source}"`);
}

function milliseconds(seconds: number, text: string, node: SyntaxNode): number {
  if (Math.abs(seconds * 1000) <= LONGEST_MS) return Math.round(seconds * 1000);
  throw parseError(text, node.from, 'duration out of range');
}

const ARITHMETIC: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};
