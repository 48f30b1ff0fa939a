import { type Binary, COMPARISONS, type Expr } from './ast.ts';

/** The comparison that an expression is as a whole, parentheses around it left out; undefined for any other expression. */
export function comparisonIn(expr: Expr): Binary | undefined {
  if (expr.kind === 'paren') return comparisonIn(expr.expr);
  return expr.kind === 'binary' && COMPARISONS.has(expr.op) ? expr : undefined;
}

/** The expression with its comparison changed, if it is one; parentheses around it stay. */
export function withComparison(expr: Expr, change: (comparison: Binary) => Binary): Expr {
  if (expr.kind === 'paren') return { ...expr, expr: withComparison(expr.expr, change) };
  const comparison = comparisonIn(expr);
  return comparison ? change(comparison) : expr;
}

/** The number that a comparison compares with, where it is written on the right and the result is no number itself. */
export function thresholdOf({ bool, right }: Binary): number | undefined {
  return !bool && right.kind === 'number' && !Number.isNaN(right.value) ? right.value : undefined;
}

/** The comparison with another number there. */
export function withThreshold(comparison: Binary, value: number): Binary {
  const { right } = comparison;
  return right.kind === 'number' ? { ...comparison, right: { ...right, value } } : comparison;
}
