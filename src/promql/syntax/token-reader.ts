import { type PromqlError, parseError } from '../error.ts';
import { type Token, tokenAt } from './lex.ts';
import { unquoted } from './literals.ts';

const OPENED: Record<string, string> = { '(': 'left parenthesis', '[': 'left bracket', '{': 'left brace' };
const CLOSED: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Reads a query token by token. Its errors are PromqlErrors, in Prometheus' words. */
export class TokenReader {
  readonly text: string;
  /** The next one. */
  token: Token;
  /** Where the last one ended. */
  end = 0;
  /** Brackets that are not closed yet. */
  readonly #open: Token[] = [];

  constructor(text: string) {
    this.text = text;
    this.token = tokenAt(text, 0, false);
  }

  get isOver(): boolean {
    return this.token.kind === 'end';
  }

  /** Whether it is this sign, or this word in any case. */
  is(...any: string[]): boolean {
    const { kind, text } = this.token;
    return kind === 'sign' ? any.includes(text) : kind === 'word' && any.includes(text.toLowerCase());
  }

  /** The token, which is passed. */
  take(): Token {
    const { token } = this;
    if (token.kind === 'sign') {
      if (token.text in OPENED) this.#open.push(token);
      else if (token.text in CLOSED) this.#open.pop();
    }
    this.end = token.to;
    this.token = tokenAt(this.text, token.to, this.#open.at(-1)?.text === '[');
    return token;
  }

  /** Passes the token if it is one of these. */
  skip(...any: string[]): boolean {
    if (!this.is(...any)) return false;
    this.take();
    return true;
  }

  /** Passes the sign. */
  expect(sign: string): Token {
    if (!this.is(sign)) throw this.unexpected();
    return this.take();
  }

  string(): string {
    if (this.token.kind !== 'string') throw this.unexpected();
    const { from, text } = this.take();
    try {
      return unquoted(text);
    } catch (cause) {
      throw this.error(from, (cause as Error).message);
    }
  }

  error(at: number, message: string): PromqlError {
    return parseError(this.text, at, message);
  }

  unexpected(): PromqlError {
    const { kind, from, text } = this.token;
    if (kind === 'end') {
      const open = this.#open.at(-1);
      return parseError(
        this.text,
        from,
        'unexpected end of input',
        open && { at: open.from, message: `unclosed ${OPENED[open.text]}` },
      );
    }
    if (kind === 'word') return this.error(from, `unexpected identifier "${text}"`);
    if (kind === 'number') return this.error(from, `unexpected number "${text}"`);
    return this.error(from, kind === 'string' ? `unexpected string ${text}` : `unexpected "${text}"`);
  }
}
