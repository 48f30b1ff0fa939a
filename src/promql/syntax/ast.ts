import type { Matcher } from '../series/matcher.ts';

/** The four types of PromQL, as its error messages call them. */
export type ValueType = 'scalar' | 'string' | 'instant vector' | 'range vector';

/** Where in the text, as offsets. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** A fixed evaluation time: `@ 123`, `@ start()`, `@ end()`. Times are ms since epoch. */
export type At = number | 'start' | 'end';

interface NumberLiteral extends Span {
  readonly kind: 'number';
  readonly value: number;
}

interface StringLiteral extends Span {
  readonly kind: 'string';
  readonly value: string;
}

export interface VectorSelector extends Span {
  readonly kind: 'selector';
  /** The metric name if it is written before the braces; it is also among the matchers. */
  readonly name: string | undefined;
  readonly matchers: readonly Matcher[];
  readonly offsetMs: number;
  readonly at: At | undefined;
  /** Where the selector ends in the text without its offset and `@`. */
  readonly bareTo: number;
}

export interface MatrixSelector extends Span {
  readonly kind: 'matrix';
  readonly selector: VectorSelector;
  readonly rangeMs: number;
}

export interface Subquery extends Span {
  readonly kind: 'subquery';
  readonly expr: Expr;
  readonly rangeMs: number;
  /** Undefined: the default resolution. */
  readonly stepMs: number | undefined;
  readonly offsetMs: number;
  readonly at: At | undefined;
}

export interface Call extends Span {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expr[];
}

export interface Aggregation extends Span {
  readonly kind: 'aggregation';
  readonly op: string;
  readonly param: Expr | undefined;
  readonly expr: Expr;
  readonly labels: readonly string[];
  readonly without: boolean;
}

export interface Matching {
  readonly on: boolean;
  readonly labels: readonly string[];
  /** Which side may have many series for one of the other. */
  readonly many: 'none' | 'left' | 'right' | 'both';
  /** Labels taken over from the side of one. */
  readonly include: readonly string[];
}

export interface Binary extends Span {
  readonly kind: 'binary';
  readonly op: string;
  readonly bool: boolean;
  readonly left: Expr;
  readonly right: Expr;
  /** Undefined unless both sides are vectors. */
  readonly matching: Matching | undefined;
}

interface Unary extends Span {
  readonly kind: 'unary';
  readonly op: '-' | '+';
  readonly expr: Expr;
}

interface Paren extends Span {
  readonly kind: 'paren';
  readonly expr: Expr;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Paren;

export const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
export const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);
