import { evaluateArithmetic } from './arithmetic.ts';
import { matchingPart } from './pattern.ts';
import type { Script, Word, WordPart } from './syntax.ts';

/** What expansion asks of the shell. */
export interface ExpansionHost {
  variable(name: string): string | undefined;
  assign(name: string, value: string): void;
  parameters(): string[];
  /** Runs a script and gives what it printed. */
  capture(script: Script): Promise<string>;
  /** Names that match a pattern, sorted. */
  glob(pattern: string): string[];
}

export class ExpansionProblem extends Error {}

interface Piece {
  text: string;
  quoted: boolean;
  /** A new field begins after this piece, as between the words of "$@". */
  breakAfter?: boolean;
}

/** All words with variables, commands, fields and patterns expanded. */
export async function expandWords(words: Word[], host: ExpansionHost): Promise<string[]> {
  const result: string[] = [];
  for (const word of words) result.push(...(await expandFields(word, host)));
  return result;
}

/** One word as one text: no field splitting, no patterns. */
export async function expandText(word: Word, host: ExpansionHost): Promise<string> {
  const pieces: string[] = [];
  for (const part of word) {
    const values = await expandPart(part, host);
    pieces.push(values.map((piece) => piece.text).join(values.some((piece) => piece.breakAfter) ? ' ' : ''));
  }
  return pieces.join('');
}

async function expandFields(word: Word, host: ExpansionHost): Promise<string[]> {
  const fields: { text: string; pattern: string; quoted: boolean }[] = [];
  let current: { text: string; pattern: string; quoted: boolean } | undefined;
  const add = (text: string, quoted: boolean): void => {
    current ??= { text: '', pattern: '', quoted: false };
    current.text += text;
    current.pattern += quoted ? text.replace(/[*?[\]\\]/g, '\\$&') : text;
    current.quoted ||= quoted;
  };
  const flush = (): void => {
    if (current && (current.text !== '' || current.quoted)) fields.push(current);
    current = undefined;
  };
  for (const part of word) {
    for (const piece of await expandPart(part, host)) {
      if (piece.quoted || part.kind === 'text') add(piece.text, piece.quoted);
      else {
        const pieces = piece.text.split(/[ \t\n]+/);
        pieces.forEach((text, index) => {
          if (index > 0) flush();
          if (text) add(text, false);
        });
      }
      if (piece.breakAfter) flush();
    }
  }
  flush();
  return fields.flatMap(({ text, pattern }) => {
    if (!/(?<!\\)[*?[]/.test(pattern)) return [text];
    const found = host.glob(pattern);
    return found.length > 0 ? found : [text];
  });
}

async function expandPart(part: WordPart, host: ExpansionHost): Promise<Piece[]> {
  const { quoted } = part;
  if (part.kind === 'text') return [{ text: part.text, quoted }];
  if (part.kind === 'arithmetic') {
    const text = await expandText([{ kind: 'text', text: part.text, quoted: true }], host);
    return [{ text: String(evaluateArithmetic(text, (name) => host.variable(name))), quoted }];
  }
  if (part.kind === 'command')
    return [{ text: (await host.capture(part.script)).replace(/\n+$/, ''), quoted }];
  if ((part.name === '@' || part.name === '*') && !part.operator) {
    const values = host.parameters();
    if (part.name === '*' && quoted) return [{ text: values.join(' '), quoted }];
    return values.map((text, index) => ({ text, quoted, breakAfter: index < values.length - 1 }));
  }
  return [{ text: await expandVariable(part, host), quoted }];
}

async function expandVariable(
  part: Extract<WordPart, { kind: 'variable' }>,
  host: ExpansionHost,
): Promise<string> {
  const value = host.variable(part.name);
  const { operator } = part;
  if (!operator) return value ?? '';
  if (operator === '#len') return String((value ?? '').length);
  const operand = (): Promise<string> => expandText(part.operand ?? [], host);
  if (operator.startsWith('#') || operator.startsWith('%'))
    return strip(value ?? '', operator, await operand());
  const missing = operator.startsWith(':') ? !value : value === undefined;
  switch (operator.at(-1)) {
    case '-':
      return missing ? operand() : value!;
    case '=': {
      if (!missing) return value!;
      const text = await operand();
      host.assign(part.name, text);
      return text;
    }
    case '?':
      if (missing) throw new ExpansionProblem(`${part.name}: ${(await operand()) || 'parameter not set'}`);
      return value!;
    default:
      return missing ? '' : operand();
  }
}

function strip(value: string, operator: string, pattern: string): string {
  const end = operator.startsWith('%');
  const length = matchingPart(pattern, value, { end, longest: operator.length === 2 });
  if (length === undefined) return value;
  return end ? value.slice(0, value.length - length) : value.slice(length);
}
