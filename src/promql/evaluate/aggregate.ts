import { PromqlError } from '../error.ts';
import { fingerprint } from '../series/fingerprint.ts';
import type { LabelSet } from '../series/labels.ts';
import type { Aggregation } from '../syntax/ast.ts';
import { formatValue } from '../value.ts';
import { least, mean, most, quantile, sum, variance } from './statistics.ts';
import { emptyTable, memo, type Table } from './table.ts';

type Values = Float64Array;

/** Aggregations that make one value of the first `count` members of a group; `parameter` is that of the step. */
const REDUCERS: Record<string, (values: Values, count: number, parameter: number) => number> = {
  sum: (values, count) => sum(values, 0, count),
  avg: (values, count) => mean(values, 0, count),
  count: (_, count) => count,
  group: () => 1,
  min: (values, count) => least(values, 0, count),
  max: (values, count) => most(values, 0, count),
  stddev: (values, count) => Math.sqrt(variance(values, 0, count)),
  stdvar: (values, count) => variance(values, 0, count),
  quantile: (values, count, parameter) => quantile(parameter, values, 0, count),
};

interface Groups {
  readonly labels: readonly LabelSet[];
  /** The rows of each. */
  readonly members: readonly (readonly number[])[];
}

/** @param parameters the scalar before the vector at every step, if there is one */
export function aggregate(expr: Aggregation, parameters: Values | undefined, table: Table): Table {
  const groups = memo(expr, table.rows, () => grouped(expr, table.rows));
  const reduce = REDUCERS[expr.op];
  return reduce ? reduced(groups, reduce, parameters, table) : chosen(expr.op, groups, parameters!, table);
}

/** The labels of the group of a row. */
function projection(expr: Aggregation): (labels: LabelSet) => LabelSet {
  return expr.without
    ? (labels) => labels.withoutName().drop(expr.labels)
    : (labels) => labels.keep(expr.labels);
}

function grouped(expr: Aggregation, rows: readonly LabelSet[]): Groups {
  const project = projection(expr);
  const index = new Map<string, number>();
  const labels: LabelSet[] = [];
  const members: number[][] = [];
  for (const [row, one] of rows.entries()) {
    const projected = project(one);
    let group = index.get(projected.key);
    if (group === undefined) {
      group = labels.push(projected) - 1;
      index.set(projected.key, group);
      members.push([]);
    }
    members[group]!.push(row);
  }
  return { labels, members };
}

/** Values side by side are read row by row: all steps of a row, then the next. */
function reduced(
  { labels, members }: Groups,
  reduce: (values: Values, count: number, parameter: number) => number,
  parameters: Values | undefined,
  { count, values, has }: Table,
): Table {
  const result = emptyTable(labels, count);
  const most = Math.max(0, ...members.map(({ length }) => length));
  const present = new Uint32Array(count);
  const gathered = Array.from({ length: count }, () => new Float64Array(most));
  for (const [group, rows] of members.entries()) {
    present.fill(0);
    for (const row of rows)
      for (let step = 0, cell = row * count; step < count; step++, cell++)
        if (has[cell] === 1) gathered[step]![present[step]!++] = values[cell]!;
    for (let step = 0, cell = group * count; step < count; step++, cell++) {
      if (present[step] === 0) continue;
      result.has[cell] = 1;
      result.values[cell] = reduce(gathered[step]!, present[step]!, parameters?.[step] ?? Number.NaN);
    }
  }
  return result;
}

/** topk and others that choose some rows of a group at each step; an instant has the best first. */
function chosen(op: string, { members }: Groups, parameters: Values, table: Table): Table {
  const { rows, count, values } = table;
  const has = new Uint8Array(table.has.length);
  const order: number[] = [];
  for (let step = 0; step < count; step++) {
    const choose = chooser(op, parameters[step]!, table, step);
    for (const group of members) {
      const present = group.filter((row) => table.has[row * count + step] === 1);
      for (const row of choose(present)) {
        has[row * count + step] = 1;
        order.push(row);
      }
    }
  }
  const result = { ...table, has };
  if (count !== 1) return result;
  const ordered = emptyTable(
    order.map((row) => rows[row]!),
    1,
  );
  order.forEach((row, place) => {
    ordered.values[place] = values[row]!;
    ordered.has[place] = 1;
  });
  return ordered;
}

function chooser(
  op: string,
  parameter: number,
  { rows, count, values }: Table,
  step: number,
): (present: number[]) => readonly number[] {
  if (op === 'limit_ratio') {
    if (Number.isNaN(parameter)) throw new PromqlError('execution', 'Ratio value NaN is NaN');
    const ratio = Math.max(-1, Math.min(1, parameter));
    return (present) =>
      present.filter((row) => (ratio >= 0 ? share(rows[row]!) < ratio : share(rows[row]!) >= 1 + ratio));
  }
  const k = wholeNumber(parameter);
  if (op === 'limitk') return (present) => present.slice(0, k);
  const direction = op === 'topk' ? -1 : 1;
  // NaN comes last.
  const compare = (a: number, b: number) => {
    const [x, y] = [values[a * count + step]!, values[b * count + step]!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return direction * (x - y);
  };
  return (present) => first(k, present, compare);
}

/** The first k in order. Of many a few are not worth sorting all. */
function first(k: number, rows: number[], compare: (a: number, b: number) => number): readonly number[] {
  if (k * 4 > rows.length) return rows.sort(compare).slice(0, k);
  const best: number[] = [];
  for (const row of rows) {
    if (best.length === k && (k === 0 || compare(row, best[k - 1]!) >= 0)) continue;
    let place = best.length;
    while (place > 0 && compare(row, best[place - 1]!) < 0) place--;
    best.splice(place, 0, row);
    if (best.length > k) best.pop();
  }
  return best;
}

/** Where in [0, 1) a series stands: always the same, and evenly spread. Prometheus has another hash. */
function share(labels: LabelSet): number {
  return Number(BigInt(`0x${fingerprint(labels)}`) >> 11n) / 2 ** 53;
}

function wholeNumber(parameter: number): number {
  if (!(Math.abs(parameter) < 2 ** 63))
    throw new PromqlError('execution', `Scalar value ${formatValue(parameter)} overflows int64`);
  return Math.max(0, Math.trunc(parameter));
}

/** How many of a group have each value, which becomes a label. The grid has one step: there may be a row a cell. */
export function countValues(expr: Aggregation, label: string, { rows, has, values }: Table): Table {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(label))
    throw new PromqlError('execution', `invalid label name ${JSON.stringify(label)}`);
  const project = projection(expr);
  const counts = new Map<string, { labels: LabelSet; value: number }>();
  for (const [row, labels] of rows.entries()) {
    if (has[row] === 0) continue;
    const group = project(labels).with({ [label]: formatValue(values[row]!) });
    const known = counts.get(group.key);
    if (known) known.value++;
    else counts.set(group.key, { labels: group, value: 1 });
  }
  const all = [...counts.values()];
  const result = emptyTable(
    all.map(({ labels }) => labels),
    1,
  );
  result.values.set(all.map(({ value }) => value));
  result.has.fill(1);
  return result;
}
