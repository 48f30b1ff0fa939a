import { LabelSet } from '../tsdb/labels.ts';
import type { Expr } from './ast.ts';

/**
 * Labels of what `absent()` reports: those the selector fixes by `=`; a label that occurs twice says nothing.
 * As createLabelsForAbsentFunction in promql/functions.go.
 */
export function labelsOfAbsent(expr: Expr): LabelSet {
  const selector = expr.kind === 'matrix' ? expr.selector : expr;
  if (selector.kind !== 'selector') return LabelSet.empty;
  const entries = selector.matchers.filter(({ name }) => name !== '__name__');
  const once = entries.filter(
    ({ name, op }) => op === '=' && entries.filter((other) => other.name === name).length === 1,
  );
  return LabelSet.of(once.map(({ name, value }) => [name, value]));
}
