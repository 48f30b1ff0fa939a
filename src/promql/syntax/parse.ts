import { LONGEST_MS } from '../duration.ts';
import { unsupported } from '../error.ts';
import { signature } from '../functions/registry.ts';
import { formatValue } from '../value.ts';
import {
  type At,
  type Expr,
  type Matching,
  SET_OPERATORS,
  type Subquery,
  type VectorSelector,
} from './ast.ts';
import { DurationReader } from './durations.ts';
import { numberOf } from './literals.ts';
import { readLabels, readSelector } from './selector.ts';
import { TokenReader } from './token-reader.ts';
import { checkTypes, typeOf } from './types.ts';

/** Reads a PromQL expression. Throws PromqlError with line and column for text that is none. */
export function parse(text: string): Expr {
  const { expr, beyond } = parseAny(text);
  if (beyond !== undefined) throw unsupported(beyond);
  checkTypes(expr, text);
  return expr;
}

/**
 * As `parse`, also of PromQL that is not evaluated here: `beyond` names the first such part, which the expression lacks.
 * Types are not checked.
 */
export function parseAny(text: string): { expr: Expr; beyond: string | undefined } {
  const reader = new TokenReader(text);
  if (text.length > LONGEST_TEXT)
    throw reader.error(0, `expected at most ${LONGEST_TEXT} characters, got ${text.length}`);
  if (reader.isOver) throw reader.error(0, 'no expression found in input');
  const parser = new Parser(reader);
  const expr = parser.expression();
  if (!reader.isOver) throw reader.unexpected();
  return { expr, beyond: parser.beyond };
}

/** Longest text in characters: more takes longer to parse than anybody else should wait. */
const LONGEST_TEXT = 500_000;
/** Deepest level of the expression: what is deeper ends the stack of whatever walks it. */
const DEEPEST = 1000;

/** Weakest first. Those of one line go from left to right, powers from right to left. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  ...{ and: 2, unless: 2 },
  ...{ '==': 3, '!=': 3, '<': 3, '>': 3, '<=': 3, '>=': 3, '</': 3, '>/': 3 },
  ...{ '+': 4, '-': 4 },
  ...{ '*': 5, '/': 5, '%': 5, atan2: 5 },
  '^': 6,
};
const POWER = 6;

/** With whether they take a parameter first. */
const AGGREGATIONS: Readonly<Record<string, boolean>> = {
  ...{
    sum: false,
    avg: false,
    count: false,
    min: false,
    max: false,
    group: false,
    stddev: false,
    stdvar: false,
  },
  ...{ topk: true, bottomk: true, quantile: true, count_values: true, limitk: true, limit_ratio: true },
};

/** Functions of Prometheus that are not evaluated here. */
const FUNCTIONS_BEYOND: ReadonlySet<string> = new Set([
  ...['info', 'histogram_quantiles', 'start', 'end', 'range', 'step', 'max_of', 'min_of'],
]);

/** Words that are never the name of a metric. */
const RESERVED: ReadonlySet<string> = new Set([
  'bool',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'atan2',
]);

/** By recursive descent, as promql/parser/generated_parser.y has the grammar. */
class Parser {
  readonly #reader: TokenReader;
  #depth = 0;
  /** How many levels are below an expression, where there are any. */
  readonly #heights = new WeakMap<Expr, number>();
  beyond: string | undefined;

  constructor(reader: TokenReader) {
    this.#reader = reader;
  }

  expression(weakest = 1): Expr {
    if (++this.#depth > DEEPEST) throw this.#tooDeep();
    let left = this.#signed();
    for (;;) {
      const op = this.#reader.token.text.toLowerCase();
      const precedence = this.#reader.token.kind === 'string' ? undefined : PRECEDENCE[op];
      if (precedence === undefined || precedence < weakest) break;
      left = this.#binary(left, op, precedence);
    }
    this.#depth--;
    return left;
  }

  /** A sign binds tighter than what multiplies, weaker than a power. */
  #signed(): Expr {
    const reader = this.#reader;
    if (!reader.is('+', '-')) return this.#modified(this.#primary());
    const { text, from } = reader.take();
    const op = text as '+' | '-';
    const expr = this.expression(POWER);
    if (expr.kind === 'number') return { ...expr, value: op === '-' ? -expr.value : expr.value, from };
    return this.#over({ kind: 'unary', op, expr, from, to: expr.to }, expr);
  }

  #binary(left: Expr, op: string, precedence: number): Expr {
    const reader = this.#reader;
    const { text } = reader.take();
    if (op === '</' || op === '>/') this.#goesBeyond(`operator "${text}"`);
    const bool = reader.skip('bool');
    const modifiersAt = reader.token.from;
    const clause = this.#matching(op);
    while (reader.is('fill', 'fill_left', 'fill_right')) {
      this.#goesBeyond('fill modifier');
      reader.take();
      reader.expect('(');
      this.expression();
      reader.expect(')');
    }
    const right = this.expression(op === '^' ? precedence : precedence + 1);
    const isSet = SET_OPERATORS.has(op);
    const vectors = typeOf(left) === 'instant vector' && typeOf(right) === 'instant vector';
    const plain: Matching = { on: false, labels: [], many: isSet ? 'both' : 'none', include: [] };
    if (clause && isSet && clause.many !== 'none')
      throw reader.error(modifiersAt, `no grouping allowed for "${op}" operation`);
    const matching = clause
      ? { ...clause, many: isSet ? ('both' as const) : clause.many }
      : vectors
        ? plain
        : undefined;
    return this.#over(
      { kind: 'binary', op, bool, left, right, matching, from: left.from, to: right.to },
      left,
      right,
    );
  }

  #matching(op: string): Matching | undefined {
    const reader = this.#reader;
    if (!reader.is('on', 'ignoring')) return undefined;
    const { text, from } = reader.take();
    const on = text.toLowerCase() === 'on';
    const labels = readLabels(reader);
    if (!reader.is('group_left', 'group_right')) return { on, labels, many: 'none', include: [] };
    const many = reader.take().text.toLowerCase() === 'group_left' ? 'left' : 'right';
    const include = reader.is('(') ? readLabels(reader) : [];
    const both = include.find((label) => on && labels.includes(label));
    if (both !== undefined && !SET_OPERATORS.has(op))
      throw reader.error(from, `label "${both}" must not occur in ON and GROUP clause at once`);
    return { on, labels, many, include };
  }

  #primary(): Expr {
    const reader = this.#reader;
    const { kind, text, from } = reader.token;
    if (kind === 'number') return { kind, value: numberOf(reader.take().text), from, to: reader.end };
    if (kind === 'string') return { kind, value: reader.string(), from, to: reader.end };
    if (reader.is('{')) return readSelector(reader);
    if (reader.skip('(')) {
      const expr = this.expression();
      reader.expect(')');
      return this.#over({ kind: 'paren', expr, from, to: reader.end }, expr);
    }
    if (kind !== 'word' || RESERVED.has(text.toLowerCase())) throw reader.unexpected();
    reader.take();
    const lower = text.toLowerCase();
    if (lower in AGGREGATIONS && reader.is('(', 'by', 'without')) return this.#aggregation(lower, from);
    if (reader.is('(')) return this.#call(text, from);
    if (lower === 'nan' || lower === 'inf')
      return { kind: 'number', value: numberOf(text), from, to: reader.end };
    return readSelector(reader, { text, from });
  }

  #call(name: string, from: number): Expr {
    const known = signature(name);
    if (!known && !FUNCTIONS_BEYOND.has(name))
      throw this.#reader.error(from, `unknown function with name "${name}"`);
    if (!known) this.#goesBeyond(`function "${name}"`);
    const args = this.#arguments();
    return this.#over({ kind: 'call', name, args, from, to: this.#reader.end }, ...args);
  }

  #arguments(): Expr[] {
    const reader = this.#reader;
    reader.expect('(');
    const args: Expr[] = [];
    while (!reader.skip(')')) {
      if (args.length > 0) reader.expect(',');
      args.push(this.expression());
      if (!reader.is(',', ')')) throw reader.unexpected();
    }
    return args;
  }

  #aggregation(op: string, from: number): Expr {
    const reader = this.#reader;
    const grouping = () =>
      reader.is('by', 'without')
        ? { without: reader.take().text.toLowerCase() === 'without', labels: readLabels(reader) }
        : undefined;
    const before = grouping();
    const args = this.#arguments();
    const { without, labels } = before ?? grouping() ?? { without: false, labels: [] };
    const expected = AGGREGATIONS[op] ? 2 : 1;
    if (args.length !== expected)
      throw reader.error(
        from,
        `wrong number of arguments for aggregate expression provided, expected ${expected}, got ${args.length}`,
      );
    const param = AGGREGATIONS[op] ? args[0] : undefined;
    const expr = args.at(-1)!;
    return this.#over(
      { kind: 'aggregation', op, param, expr, labels, without, from, to: reader.end },
      ...args,
    );
  }

  /** Ranges, offsets and @ right behind an operand. */
  #modified(operand: Expr): Expr {
    const reader = this.#reader;
    let expr = operand;
    for (;;) {
      const { from } = reader.token;
      if (reader.skip('[')) expr = this.#range(expr, from);
      else if (reader.skip('offset')) {
        const offsetMs = this.#duration(this.#durations().factor());
        expr = this.#changed(expr, 'offset', from, (target) => {
          if (target.offsetMs !== 0) throw reader.error(expr.from, 'offset may not be set multiple times');
          return { ...target, offsetMs };
        });
      } else if (reader.skip('@')) {
        const at = this.#at();
        expr = this.#changed(expr, '@', from, (target) => {
          if (target.at !== undefined)
            throw reader.error(expr.from, '@ <timestamp> may not be set multiple times');
          return { ...target, at };
        });
      } else if (reader.is('anchored', 'smoothed')) this.#goesBeyond(`${reader.take().text} selector`);
      else return expr;
    }
  }

  #range(expr: Expr, from: number): Expr {
    const reader = this.#reader;
    const rangeMs = this.#positive();
    const isSubquery = reader.skip(':');
    const stepMs = isSubquery && !reader.is(']') ? this.#positive() : undefined;
    reader.expect(']');
    const to = reader.end;
    if (isSubquery) {
      const query: Expr = {
        kind: 'subquery',
        expr,
        rangeMs,
        stepMs,
        offsetMs: 0,
        at: undefined,
        from: expr.from,
        to,
      };
      return this.#over(query, expr);
    }
    if (expr.kind !== 'selector') throw reader.error(from, 'ranges only allowed for vector selectors');
    if (expr.offsetMs !== 0) throw reader.error(from, 'no offset modifiers allowed before range');
    if (expr.at !== undefined) throw reader.error(from, 'no @ modifiers allowed before range');
    return this.#over({ kind: 'matrix', selector: expr, rangeMs, from: expr.from, to }, expr);
  }

  #changed(
    expr: Expr,
    word: string,
    from: number,
    change: <T extends VectorSelector | Subquery>(target: T) => T,
  ): Expr {
    const to = this.#reader.end;
    if (expr.kind === 'selector' || expr.kind === 'subquery')
      return this.#over({ ...change(expr), to }, expr);
    if (expr.kind === 'matrix') return this.#over({ ...expr, selector: change(expr.selector), to }, expr);
    throw this.#reader.error(
      from,
      `${word} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
    );
  }

  #at(): At {
    const reader = this.#reader;
    if (reader.is('start', 'end')) {
      const word = reader.take().text.toLowerCase() as 'start' | 'end';
      reader.expect('(');
      reader.expect(')');
      return word;
    }
    const { from } = reader.token;
    const isNegative = reader.skip('-');
    if (!isNegative) reader.skip('+');
    if (reader.token.kind !== 'number' && !reader.is('nan', 'inf')) throw reader.unexpected();
    const seconds = numberOf(reader.take().text) * (isNegative ? -1 : 1);
    if (!(Math.abs(seconds * 1000) < 2 ** 63))
      throw reader.error(from, `timestamp out of bounds for @ modifier: ${formatValue(seconds)}`);
    return Math.round(seconds * 1000);
  }

  #durations(): DurationReader {
    return new DurationReader(this.#reader, (what) => this.#goesBeyond(what));
  }

  #positive(): number {
    const { from } = this.#reader.token;
    const seconds = this.#durations().expression();
    const ms = this.#duration(seconds, from);
    if (ms <= 0) throw this.#reader.error(from, 'duration must be greater than 0');
    return ms;
  }

  /** Milliseconds. */
  #duration(seconds: number, at = this.#reader.end): number {
    if (Math.abs(seconds * 1000) <= LONGEST_MS) return Math.round(seconds * 1000);
    throw this.#reader.error(at, 'duration out of range');
  }

  #goesBeyond(what: string): void {
    this.beyond ??= what;
  }

  /** The expression, if it is not too deep. */
  #over<T extends Expr>(expr: T, ...parts: readonly Expr[]): T {
    const height = 1 + Math.max(0, ...parts.map((part) => this.#heights.get(part) ?? 0));
    if (height > DEEPEST) throw this.#tooDeep();
    this.#heights.set(expr, height);
    return expr;
  }

  #tooDeep(): Error {
    return this.#reader.error(this.#reader.token.from, `nested more than ${DEEPEST} levels`);
  }
}
