import type { Expr, VectorSelector } from '../promql/syntax/ast.ts';
import type { RuleGroupDefinition } from './rule.ts';

/**
 * The same rules for a world that runs `speed` times faster: ranges, offsets, `for` and intervals are divided.
 * Rates stay per second. Durations are kept to whole ms, and at least one.
 */
export function atSpeed(group: RuleGroupDefinition, speed: number): RuleGroupDefinition {
  if (speed === 1) return group;
  return {
    ...group,
    intervalMs: divided(group.intervalMs, speed),
    queryOffsetMs: divided(group.queryOffsetMs, speed),
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: expressionAtSpeed(rule.expr, speed),
      forMs: divided(rule.forMs, speed),
      keepFiringForMs: divided(rule.keepFiringForMs, speed),
    })),
  };
}

/** Zero stays zero, signs stay. */
function divided(ms: number, speed: number): number {
  return ms === 0 ? 0 : Math.sign(ms) * Math.max(1, Math.round(Math.abs(ms) / speed));
}

export function expressionAtSpeed(expr: Expr, speed: number): Expr {
  const scale = (part: Expr): Expr => {
    switch (part.kind) {
      case 'number':
      case 'string':
        return part;
      case 'selector':
        return selector(part);
      case 'matrix':
        return { ...part, selector: selector(part.selector), rangeMs: divided(part.rangeMs, speed) };
      case 'subquery':
        return {
          ...part,
          expr: scale(part.expr),
          rangeMs: divided(part.rangeMs, speed),
          stepMs: part.stepMs === undefined ? undefined : divided(part.stepMs, speed),
          offsetMs: divided(part.offsetMs, speed),
        };
      case 'call':
        return { ...part, args: part.args.map(scale) };
      case 'aggregation':
        return { ...part, param: part.param && scale(part.param), expr: scale(part.expr) };
      case 'binary':
        return { ...part, left: scale(part.left), right: scale(part.right) };
      case 'unary':
      case 'paren':
        return { ...part, expr: scale(part.expr) };
    }
  };
  const selector = (part: VectorSelector): VectorSelector => ({
    ...part,
    offsetMs: divided(part.offsetMs, speed),
  });
  return scale(expr);
}
