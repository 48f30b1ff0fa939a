import { type Script, SyntaxProblem, type Word, type WordPart } from './syntax.ts';

/** Parses what a command substitution runs. */
export type ParseScript = (text: string) => Script;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const ENDS_WORD = /[\s;&|<>()]/;

/** Reads one word at `start`; tells where it ends. Quotes, `$` and backquotes are taken apart. */
export function readWord(text: string, start: number, parse: ParseScript): { word: Word; end: number } {
  const word: Word = [];
  let at = start;
  while (at < text.length && !ENDS_WORD.test(text[at]!)) {
    const char = text[at]!;
    if (char === "'") {
      const close = closing(text, "'", at + 1);
      word.push({ kind: 'text', text: text.slice(at + 1, close), quoted: true });
      at = close + 1;
    } else if (char === '"') {
      at = readDoubleQuoted(text, at + 1, word, parse);
    } else if (char === '\\') {
      if (text[at + 1] !== '\n') word.push({ kind: 'text', text: text[at + 1] ?? '', quoted: true });
      at += 2;
    } else if (char === '$' || char === '`') {
      at = readExpansion(text, at, false, word, parse);
    } else {
      addText(word, char, false);
      at++;
    }
  }
  return { word, end: at };
}

function readDoubleQuoted(text: string, start: number, word: Word, parse: ParseScript): number {
  word.push({ kind: 'text', text: '', quoted: true });
  let at = start;
  for (;;) {
    const char = text[at];
    if (char === undefined) throw new SyntaxProblem('unterminated quoted string');
    if (char === '"') return at + 1;
    if (char === '\\' && '$`"\\\n'.includes(text[at + 1] ?? ' ')) {
      if (text[at + 1] !== '\n') addText(word, text[at + 1]!, true);
      at += 2;
    } else if (char === '$' || char === '`') at = readExpansion(text, at, true, word, parse);
    else {
      addText(word, char, true);
      at++;
    }
  }
}

/** The text of a here-document or of another place that is expanded as if in double quotes. */
export function readQuotedText(text: string, parse: ParseScript): Word {
  const word: Word = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (char === '\\' && '$`\\'.includes(text[at + 1] ?? ' ')) {
      addText(word, text[at + 1]!, true);
      at += 2;
    } else if (char === '$' || char === '`') at = readExpansion(text, at, true, word, parse);
    else {
      addText(word, char, true);
      at++;
    }
  }
  return word;
}

function readExpansion(text: string, at: number, quoted: boolean, word: Word, parse: ParseScript): number {
  if (text[at] === '`') {
    const close = closing(text, '`', at + 1);
    word.push({ kind: 'command', script: parse(text.slice(at + 1, close)), quoted });
    return close + 1;
  }
  if (text.startsWith('$((', at)) {
    const close = text.indexOf('))', at + 3);
    if (close < 0) throw new SyntaxProblem("missing '))'");
    word.push({ kind: 'arithmetic', text: text.slice(at + 3, close), quoted });
    return close + 2;
  }
  if (text.startsWith('$(', at)) {
    const close = matching(text, at + 1, '(', ')');
    word.push({ kind: 'command', script: parse(text.slice(at + 2, close)), quoted });
    return close + 1;
  }
  if (text.startsWith('${', at)) {
    const close = matching(text, at + 1, '{', '}');
    word.push(bracedVariable(text.slice(at + 2, close), quoted, parse));
    return close + 1;
  }
  const name = NAME.exec(text.slice(at + 1))?.[0] ?? /^[0-9@*#?$!-]/.exec(text.slice(at + 1))?.[0];
  if (name === undefined) {
    addText(word, '$', quoted);
    return at + 1;
  }
  word.push({ kind: 'variable', name, quoted });
  return at + 1 + name.length;
}

function bracedVariable(inside: string, quoted: boolean, parse: ParseScript): WordPart {
  if (/^#[A-Za-z0-9_@*]+$/.test(inside))
    return { kind: 'variable', name: inside.slice(1), quoted, operator: '#len' };
  const name = NAME.exec(inside)?.[0] ?? /^[0-9@*#?$!-]/.exec(inside)?.[0];
  if (!name) throw new SyntaxProblem('bad substitution');
  const rest = inside.slice(name.length);
  const operator = /^(:?[-=?+]|##?|%%?)/.exec(rest)?.[0];
  if (!operator && rest) throw new SyntaxProblem('bad substitution');
  if (!operator) return { kind: 'variable', name, quoted };
  return {
    kind: 'variable',
    name,
    quoted,
    operator,
    operand: readQuotedText(rest.slice(operator.length), parse),
  };
}

function addText(word: Word, text: string, quoted: boolean): void {
  const last = word.at(-1);
  if (last?.kind === 'text' && last.quoted === quoted) last.text += text;
  else word.push({ kind: 'text', text, quoted });
}

function closing(text: string, quote: string, from: number): number {
  const at = text.indexOf(quote, from);
  if (at < 0) throw new SyntaxProblem('unterminated quoted string');
  return at;
}

/** The end of a bracketed part that starts at `open`; quotes inside are skipped. */
function matching(text: string, open: number, left: string, right: string): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === "'") at = closing(text, "'", at + 1);
    else if (char === left) depth++;
    else if (char === right && --depth === 0) return at;
  }
  throw new SyntaxProblem(`missing '${right}'`);
}
