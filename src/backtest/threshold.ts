import { COMPARISONS, type Expr } from '../promql/syntax/ast.ts';

/** The number that an alert's expression is compared with, where it is written on the right. */
export function thresholdOf(expr: Expr): number | undefined {
  if (expr.kind === 'paren') return thresholdOf(expr.expr);
  const isComparison = expr.kind === 'binary' && COMPARISONS.has(expr.op);
  return isComparison && expr.right.kind === 'number' ? expr.right.value : undefined;
}

/** The expression with another number there. */
export function withThreshold(expr: Expr, value: number): Expr {
  if (expr.kind === 'paren') return { ...expr, expr: withThreshold(expr.expr, value) };
  if (expr.kind !== 'binary' || expr.right.kind !== 'number') return expr;
  return { ...expr, right: { ...expr.right, value } };
}
