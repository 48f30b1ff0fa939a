import type { Expr, VectorSelector } from '../syntax/ast.ts';
import type { Grid } from './table.ts';

/** About how many cells the largest table of an expression has over a grid. */
export function cellsOf(
  expr: Expr,
  grid: Grid,
  world: { defaultStepMs: number; rowsOf: (selector: VectorSelector) => number },
): number {
  const of = (part: Expr): number => cellsOf(part, grid, world);
  switch (expr.kind) {
    case 'number':
    case 'string':
      return grid.count;
    case 'selector':
      return grid.count * world.rowsOf(expr);
    case 'matrix':
      return grid.count * world.rowsOf(expr.selector);
    case 'subquery': {
      const step = expr.stepMs ?? world.defaultStepMs;
      const looks = expr.at === undefined ? (grid.count - 1) * grid.step : 0;
      const inner = { ...grid, step, count: Math.ceil((looks + expr.rangeMs) / step) };
      return cellsOf(expr.expr, inner, world);
    }
    case 'paren':
    case 'unary':
      return of(expr.expr);
    case 'aggregation':
      // Its rows are as many as there are values.
      if (expr.op === 'count_values' && grid.count > 1) return Infinity;
      return Math.max(of(expr.expr), expr.param ? of(expr.param) : 0);
    case 'call':
      return Math.max(grid.count, ...expr.args.map(of));
    case 'binary':
      return of(expr.left) + of(expr.right);
  }
}
