import { numberOf } from './literals.ts';
import type { TokenReader } from './token-reader.ts';

const OPERATORS: Readonly<Record<string, [precedence: number, compute: (a: number, b: number) => number]>> = {
  '+': [1, (a, b) => a + b],
  '-': [1, (a, b) => a - b],
  '*': [2, (a, b) => a * b],
  '/': [2, (a, b) => a / b],
  '%': [2, (a, b) => a % b],
  '^': [3, (a, b) => a ** b],
};

/** Functions in them depend on the query's step and range: 1 s stands for their values. */
const FUNCTIONS = ['step', 'range', 'min', 'max', 'min_of', 'max_of'];

/** What stands in brackets or after `offset`: numbers, durations, and arithmetic of them. Values are seconds. */
export class DurationReader {
  readonly #reader: TokenReader;
  readonly #goesBeyond: (what: string) => void;

  constructor(reader: TokenReader, goesBeyond: (what: string) => void) {
    this.#reader = reader;
    this.#goesBeyond = goesBeyond;
  }

  expression(weakest = 1): number {
    let left = this.factor();
    for (;;) {
      const operator = this.#reader.token.kind === 'sign' ? OPERATORS[this.#reader.token.text] : undefined;
      if (!operator || operator[0] < weakest) return left;
      const { text } = this.#reader.take();
      left = operator[1](left, this.expression(text === '^' ? operator[0] : operator[0] + 1));
    }
  }

  /** One operand, with its sign: all that `offset` takes without parentheses. */
  factor(): number {
    const reader = this.#reader;
    if (reader.skip('-')) return -this.factor();
    if (reader.skip('+')) return this.factor();
    if (reader.skip('(')) {
      const value = this.expression();
      reader.expect(')');
      return value;
    }
    if (reader.is(...FUNCTIONS)) return this.#call();
    if (reader.token.kind !== 'number') throw reader.unexpected();
    return numberOf(reader.take().text);
  }

  #call(): number {
    const reader = this.#reader;
    const { text } = reader.take();
    this.#goesBeyond(`duration expression "${text}()"`);
    reader.expect('(');
    while (!reader.skip(')')) {
      this.expression();
      if (!reader.skip(',') && !reader.is(')')) throw reader.unexpected();
    }
    return 1;
  }
}
