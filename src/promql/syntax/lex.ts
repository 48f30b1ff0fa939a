import { parseError } from '../error.ts';

/** One word of a query. `text` of an end is ''. */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'sign' | 'end';
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const SPACE = /(?:\s|#[^\n]*)*/y;
const WORD = /[A-Za-z_:][\w:]*/y;
/** Between brackets a colon parts range and resolution. */
const WORD_IN_BRACKETS = /[A-Za-z_]\w*/y;
const NUMBER =
  /0[xX][\da-fA-F]+|(?:\d+(?:ms|[smhdwy]))+|(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`/y;
const SIGN = /=~|!~|==|!=|>=|<=|<\/|>\/|[-+*/%^<>=(){}[\],:@]/y;

/** The token at or after an offset. Throws PromqlError where there is none. */
export function tokenAt(text: string, offset: number, isInBrackets: boolean): Token {
  const from = offset + match(SPACE, text, offset).length;
  const token = (kind: Token['kind'], found: string): Token => ({
    kind,
    text: found,
    from,
    to: from + found.length,
  });
  if (from >= text.length) return { kind: 'end', text: '', from: text.length, to: text.length };
  const word = match(isInBrackets ? WORD_IN_BRACKETS : WORD, text, from);
  if (word) return token('word', word);
  const number = match(NUMBER, text, from);
  if (number) {
    const rest = match(/[\w.]*/y, text, from + number.length);
    if (rest) throw parseError(text, from, `bad number or duration syntax: ${JSON.stringify(number + rest)}`);
    return token('number', number);
  }
  const string = match(STRING, text, from);
  if (string) return token('string', string);
  if (/["'`]/.test(text[from]!)) throw parseError(text, from, 'unterminated quoted string');
  const sign = match(SIGN, text, from);
  if (sign) return token('sign', sign);
  throw parseError(text, from, `unexpected character: '${String.fromCodePoint(text.codePointAt(from)!)}'`);
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
