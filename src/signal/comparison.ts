import { comparisonIn, thresholdOf } from '../promql/syntax/comparison.ts';
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
  const expr = parsed(expression);
  const comparison = expr && comparisonIn(expr);
  const threshold = comparison && thresholdOf(comparison);
  if (!comparison || threshold === undefined) return undefined;
  const { left, op } = comparison;
  return { left: expression.slice(left.from, left.to), operator: op as Comparison['operator'], threshold };
}

/** Of some values the one that came closest to making the comparison true; undefined of none. */
export function closest({ operator }: Comparison, values: readonly number[]): number | undefined {
  const numbers = values.filter((value) => !Number.isNaN(value));
  if (numbers.length === 0) return undefined;
  return operator.startsWith('<') ? Math.min(...numbers) : Math.max(...numbers);
}
