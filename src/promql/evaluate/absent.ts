import { LabelSet } from '../series/labels.ts';
import type { Expr } from '../syntax/ast.ts';
import type { Evaluated, Table } from './table.ts';

/** 1 at every step that has nothing: `absent` of an instant vector, `absent_over_time` of a range vector. */
export function absence(expr: Expr, argument: Evaluated, count: number): Table {
  const present = new Uint8Array(count);
  if (argument.type === 'vector') {
    for (const [cell, is] of argument.has.entries()) present[cell % count]! |= is;
  } else if (argument.type === 'matrix') {
    const { windows, ends, rangeMs } = argument;
    for (const { times, from, to } of windows) {
      let next = from;
      for (let step = 0; step < count; step++) {
        const end = ends.start + step * ends.step;
        while (next < to && times[next]! <= end) next++;
        if (next > from && times[next - 1]! > end - rangeMs) present[step] = 1;
      }
    }
  }
  const values = new Float64Array(count).fill(1);
  return { type: 'vector', rows: [labelsOfAbsent(expr)], count, values, has: present.map((is) => 1 - is) };
}

/**
 * Labels of what `absent()` reports: those the selector fixes by `=`; a label that occurs twice says nothing.
 * As createLabelsForAbsentFunction in promql/functions.go.
 */
function labelsOfAbsent(expr: Expr): LabelSet {
  const selector = expr.kind === 'matrix' ? expr.selector : expr;
  if (selector.kind !== 'selector') return LabelSet.empty;
  const entries = selector.matchers.filter(({ name }) => name !== '__name__');
  const once = entries.filter(
    ({ name, op }) => op === '=' && entries.filter((other) => other.name === name).length === 1,
  );
  return LabelSet.of(once.map(({ name, value }) => [name, value]));
}
