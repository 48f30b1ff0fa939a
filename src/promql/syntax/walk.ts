import type { Expr } from './ast.ts';

/** The expression and all its parts, outer ones first, in order of the text. */
export function* walk(expr: Expr): Iterable<Expr> {
  yield expr;
  for (const part of partsOf(expr)) yield* walk(part);
}

export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return [];
    case 'matrix':
      return [expr.selector];
    case 'call':
      return expr.args;
    case 'aggregation':
      return expr.param ? [expr.param, expr.expr] : [expr.expr];
    case 'binary':
      return [expr.left, expr.right];
    case 'subquery':
    case 'paren':
    case 'unary':
      return [expr.expr];
  }
}
