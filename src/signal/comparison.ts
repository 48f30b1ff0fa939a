import { COMPARISONS } from '../promql/syntax/ast.ts';
import { parsed } from '../promql/syntax/parsed.ts';

/** An expression of the form `value > 0.5`: what an alerting rule compares, and with what. */
export interface Comparison {
  /** The side that has a value at all times. */
  left: string;
  operator: '>' | '>=' | '<' | '<=' | '==' | '!=';
  threshold: number;
}

/** Undefined where the whole expression is not one comparison with a number (`a > b`, `x and y`, `absent(x)`). */
export function comparisonOf(expression: string): Comparison | undefined {
  let expr = parsed(expression);
  while (expr?.kind === 'paren') expr = expr.expr;
  if (expr?.kind !== 'binary' || !COMPARISONS.has(expr.op) || expr.bool) return undefined;
  const { left, op, right } = expr;
  if (right.kind !== 'number' || Number.isNaN(right.value)) return undefined;
  const operator = op as Comparison['operator'];
  return { left: expression.slice(left.from, left.to), operator, threshold: right.value };
}

/** Of some values the one that came closest to making the comparison true; undefined of none. */
export function closest({ operator }: Comparison, values: readonly number[]): number | undefined {
  const numbers = values.filter((value) => !Number.isNaN(value));
  if (numbers.length === 0) return undefined;
  return operator.startsWith('<') ? Math.min(...numbers) : Math.max(...numbers);
}
