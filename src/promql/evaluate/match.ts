import { PromqlError } from '../error.ts';
import type { LabelSet } from '../series/labels.ts';
import { type Binary, COMPARISONS, type Matching } from '../syntax/ast.ts';
import { ARITHMETIC, COMPARE } from './operators.ts';
import { emptyTable, memo, type Table } from './table.ts';

/** Which labels decide whether two series belong together. */
export function matchKey({ on, labels: names }: Matching): (labels: LabelSet) => string {
  return on ? (labels) => labels.keep(names).key : (labels) => labels.withoutName().drop(names).key;
}

interface Pair {
  /** A row of the side that may have many, and one of the other side. */
  readonly many: number;
  readonly one: number;
  /** Which row of the result. */
  readonly place: number;
  /** Which of the results that must not have two values at one time. */
  readonly unique: number;
}

interface Pairing {
  readonly pairs: readonly Pair[];
  readonly rows: readonly LabelSet[];
  readonly uniques: number;
  /** Rows of the side of one that are in the same match group: more than one at a time is an error. */
  readonly shared: readonly (readonly number[])[];
}

/** Arithmetic and comparison between two vectors. */
export function combined(expr: Binary, left: Table, right: Table): Table {
  const matching = expr.matching!;
  const isRight = matching.many === 'right';
  const [many, one] = isRight ? [right, left] : [left, right];
  const { pairs, rows, uniques, shared } =
    memo(expr, many.rows, () => new WeakMap<object, Pairing>()).get(one.rows) ??
    paired(expr, many.rows, one.rows);
  const { count } = left;
  for (const group of shared) refuseDuplicates(expr, group, one, many);
  const result = emptyTable(rows, count);
  const taken = new Uint8Array(uniques * count);
  const compare = COMPARE[expr.op];
  const compute = ARITHMETIC[expr.op];
  for (const pair of pairs) {
    for (let step = 0; step < count; step++) {
      const [a, b] = [pair.many * count + step, pair.one * count + step];
      if (many.has[a] === 0 || one.has[b] === 0) continue;
      const [x, y] = isRight ? [one.values[b]!, many.values[a]!] : [many.values[a]!, one.values[b]!];
      const isTrue = compare?.(x, y);
      if (isTrue === false && !expr.bool) continue;
      const unique = pair.unique * count + step;
      if (taken[unique] === 1) throw multipleMatches(matching);
      taken[unique] = 1;
      const cell = pair.place * count + step;
      result.has[cell] = 1;
      result.values[cell] = compute ? compute(x, y) : expr.bool ? Number(isTrue) : x;
    }
  }
  return result;
}

function paired(expr: Binary, many: readonly LabelSet[], one: readonly LabelSet[]): Pairing {
  const matching = expr.matching!;
  const key = matchKey(matching);
  const groups = new Map<string, number[]>();
  for (const [row, labels] of one.entries()) {
    const group = groups.get(key(labels));
    if (group) group.push(row);
    else groups.set(key(labels), [row]);
  }
  const places = new Map<string, number>();
  const uniques = new Map<string, number>();
  const rows: LabelSet[] = [];
  const pairs: Pair[] = [];
  for (const [row, labels] of many.entries()) {
    const group = key(labels);
    for (const other of groups.get(group) ?? []) {
      const result = resultLabels(expr, matching, labels, one[other]!);
      let place = places.get(result.key);
      if (place === undefined) {
        place = rows.push(result) - 1;
        places.set(result.key, place);
      }
      const name = matching.many === 'none' ? group : result.key;
      const unique = uniques.get(name) ?? uniques.size;
      uniques.set(name, unique);
      pairs.push({ many: row, one: other, place, unique });
    }
  }
  const shared = [...groups.values()].filter(({ length }) => length > 1);
  const pairing = { pairs, rows, uniques: uniques.size, shared };
  memo(expr, many, () => new WeakMap<object, Pairing>()).set(one, pairing);
  return pairing;
}

/** An error at any step where the group has two rows, unless there is nothing on the other side at all. */
function refuseDuplicates(expr: Binary, group: readonly number[], one: Table, many: Table): void {
  const { count, rows } = one;
  for (let step = 0; step < count; step++) {
    const [first, second] = group.filter((row) => one.has[row * count + step] === 1);
    if (first === undefined || second === undefined) continue;
    if (many.rows.some((_, row) => many.has[row * count + step] === 1))
      throw duplicate(expr.matching!, rows[second]!, rows[first]!);
  }
}

function duplicate(matching: Matching, a: LabelSet, b: LabelSet): PromqlError {
  const side = matching.many === 'right' ? 'left' : 'right';
  const group = matching.on ? a.keep(matching.labels) : a.withoutName().drop(matching.labels);
  return new PromqlError(
    'execution',
    `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: [${b}, ${a}];many-to-many matching not allowed: matching labels must be unique on one side`,
  );
}

function multipleMatches({ many }: Matching): PromqlError {
  const hint =
    many === 'none'
      ? 'many-to-one matching must be explicit (group_left/group_right)'
      : 'grouping labels must ensure unique matches';
  return new PromqlError('execution', `multiple matches for labels: ${hint}`);
}

function resultLabels({ op, bool }: Binary, matching: Matching, many: LabelSet, one: LabelSet): LabelSet {
  let labels = bool || !COMPARISONS.has(op) ? many.withoutName() : many;
  if (matching.many === 'none') {
    labels = matching.on ? labels.keep(matching.labels) : labels.drop(matching.labels);
  }
  if (matching.include.length === 0) return labels;
  return labels.with(Object.fromEntries(matching.include.map((name) => [name, one.get(name)])));
}
