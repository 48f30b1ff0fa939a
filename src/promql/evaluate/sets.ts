import type { LabelSet } from '../series/labels.ts';
import type { Binary } from '../syntax/ast.ts';
import { matchKey } from './match.ts';
import { emptyTable, memo, relabelled, type Table } from './table.ts';

/** `and`, `or`, `unless`: rows of one side where the other has some, or none, of the same match group. */
export function setOperation(expr: Binary, left: Table, right: Table): Table {
  if (expr.op === 'or') {
    return united(left, masked(right, marks(expr, left), expr, false));
  }
  return masked(left, marks(expr, right), expr, expr.op === 'and');
}

/** For each match group 1 at the steps where any of its rows has a value. */
type Marks = ReadonlyMap<string, Uint8Array>;

function marks(expr: Binary, { rows, count, has }: Table): Marks {
  const keys = keysOf(expr, rows);
  const found = new Map<string, Uint8Array>();
  for (const [row, key] of keys.entries()) {
    let group = found.get(key);
    if (!group) {
      group = new Uint8Array(count);
      found.set(key, group);
    }
    for (let step = 0, cell = row * count; step < count; step++, cell++) group[step]! |= has[cell]!;
  }
  return found;
}

/** What is left of the table where its match group is marked, or is not. */
function masked(table: Table, groups: Marks, expr: Binary, wanted: boolean): Table {
  const { rows, count } = table;
  const has = new Uint8Array(table.has.length);
  for (const [row, key] of keysOf(expr, rows).entries()) {
    const group = groups.get(key);
    for (let step = 0, cell = row * count; step < count; step++, cell++)
      if ((group?.[step] === 1) === wanted) has[cell] = table.has[cell]!;
  }
  return { ...table, has };
}

function keysOf(expr: Binary, rows: readonly LabelSet[]): string[] {
  return memo(expr, rows, () => rows.map(matchKey(expr.matching!)));
}

const UNITED = {};

function united(a: Table, b: Table): Table {
  const { count } = a;
  const rows = memo(a.rows, b.rows, () => [...a.rows, ...b.rows]);
  const both = emptyTable(rows, count);
  both.values.set(a.values);
  both.has.set(a.has);
  both.values.set(b.values, a.values.length);
  both.has.set(b.has, a.has.length);
  // At different times a label set may come from either side.
  return relabelled(both, UNITED, (labels) => labels);
}
