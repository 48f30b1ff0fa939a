import { PromqlError } from '../error.ts';
import type { LabelSet } from '../series/labels.ts';
import type { Window } from '../series/source.ts';

/** Times of evaluation: start, start + step, … `count` of them; ms since epoch. */
export interface Grid {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Instant vectors at every time of a grid. The cell of a row at the i-th time has the index row × count + i. */
export interface Table {
  readonly type: 'vector';
  /** The same array for the same rows wherever possible: what is derived from it is kept (memo). */
  readonly rows: readonly LabelSet[];
  readonly count: number;
  readonly values: Float64Array;
  /** 1 where there is a value. */
  readonly has: Uint8Array;
}

/** Range vectors at every time of a grid: parts of one window a row. */
export interface Ranges {
  readonly type: 'matrix';
  readonly rows: readonly LabelSet[];
  /** For each row all samples that any of its ranges has. */
  readonly windows: readonly Window[];
  readonly rangeMs: number;
  /** Where the ranges end, ms since epoch; all at the same time if the step is 0. */
  readonly ends: Grid;
}

/** The values of an expression at every time of a grid. */
export type Evaluated =
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'string'; readonly value: string }
  | Table
  | Ranges;

export const NO_SAMPLES: Window = {
  times: new Float64Array(0),
  values: new Float64Array(0),
  from: 0,
  to: 0,
};

export function emptyTable(rows: readonly LabelSet[], count: number): Table {
  const cells = rows.length * count;
  return { type: 'vector', rows, count, values: new Float64Array(cells), has: new Uint8Array(cells) };
}

/** A value at every time, without labels or with those given. */
export function singleRow(rows: readonly LabelSet[], values: Float64Array): Table {
  return { type: 'vector', rows, count: values.length, values, has: new Uint8Array(values.length).fill(1) };
}

/** Each value computed anew, `step` being its place in the grid. */
export function mapped(table: Table, compute: (value: number, step: number) => number): Table {
  const { rows, count, has } = table;
  const values = new Float64Array(has.length);
  for (let cell = 0, row = 0; row < rows.length; row++)
    for (let step = 0; step < count; step++, cell++)
      if (has[cell] === 1) values[cell] = compute(table.values[cell]!, step);
  return { ...table, values };
}

export function isPresent({ has, count }: Table, row: number): boolean {
  for (let cell = row * count; cell < (row + 1) * count; cell++) if (has[cell] === 1) return true;
  return false;
}

/** What is derived from rows, once for each of their arrays and each place in an expression. */
const memos = new WeakMap<object, WeakMap<readonly LabelSet[], unknown>>();

export function memo<T>(place: object, rows: readonly LabelSet[], make: () => T): T {
  let known = memos.get(place);
  if (!known) {
    known = new WeakMap();
    memos.set(place, known);
  }
  if (!known.has(rows)) known.set(rows, make());
  return known.get(rows) as T;
}

/** Rows under new labels, and for each old row its place among them: two may have become one. */
interface Relabelled {
  readonly rows: readonly LabelSet[];
  /** Undefined where every row stays where it is. */
  readonly places: readonly number[] | undefined;
}

/**
 * The table with other labels. Rows that get the same are put together; PromqlError where both have a value at one time:
 * Prometheus gives an error rather than either.
 *
 * @param place what decides on the labels, together with the rows
 */
export function relabelled(table: Table, place: object, change: (labels: LabelSet) => LabelSet): Table {
  const { rows, places } = memo(place, table.rows, () => relabel(table.rows, change));
  return places ? together(table, rows, places) : { ...table, rows };
}

function relabel(rows: readonly LabelSet[], change: (labels: LabelSet) => LabelSet): Relabelled {
  const index = new Map<string, number>();
  const changed: LabelSet[] = [];
  const places = rows.map((row) => {
    const labels = change(row);
    let place = index.get(labels.key);
    if (place === undefined) {
      place = changed.push(labels) - 1;
      index.set(labels.key, place);
    }
    return place;
  });
  return { rows: changed, places: changed.length === rows.length ? undefined : places };
}

function together(table: Table, rows: readonly LabelSet[], places: readonly number[]): Table {
  const { count } = table;
  const result = emptyTable(rows, count);
  for (const [row, place] of places.entries()) copyRow(table, row, result, place);
  return result;
}

/** Adds the values of a row to another one; PromqlError where both have one. */
export function copyRow(from: Table, row: number, to: Table, place: number): void {
  const { count } = from;
  for (let step = 0; step < count; step++) {
    if (from.has[row * count + step] === 0) continue;
    const cell = place * count + step;
    if (to.has[cell] === 1) throw sameLabels();
    to.has[cell] = 1;
    to.values[cell] = from.values[row * count + step]!;
  }
}

export function sameLabels(): PromqlError {
  return new PromqlError('execution', 'vector cannot contain metrics with the same labelset');
}

const NAMELESS = {};

export function withoutNames(table: Table): Table {
  return relabelled(table, NAMELESS, (labels) => labels.withoutName());
}
