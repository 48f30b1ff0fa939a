import type { Annotations } from '../annotations.ts';
import type { Evaluated, Grid, Ranges, Table } from '../evaluate/table.ts';
import type { ValueType } from '../syntax/ast.ts';
import { formatValue } from '../value.ts';

/** What a function may know besides its arguments. */
export interface CallContext {
  readonly grid: Grid;
  readonly annotations: Annotations;
  /** Offsets of the arguments in the query. */
  readonly places: readonly number[];
  /** Where the call stands: what depends on it and on rows alone is kept under it. */
  readonly call: object;
}

export interface Signature {
  readonly args: readonly ValueType[];
  /** How many arguments at the end may be left out. */
  readonly optional?: number;
  /** The last argument may come any number of times. */
  readonly variadic?: boolean;
  readonly returns: ValueType;
}

/** Of scalars and instant vectors at every time of a grid. */
export interface VectorFunction extends Signature {
  readonly call: (args: readonly Evaluated[], context: CallContext) => Evaluated;
}

/** Of one series' samples in (start, end]; ms since epoch. There is at least one. */
export interface Span {
  times: Float64Array;
  values: Float64Array;
  from: number;
  to: number;
  start: number;
  end: number;
  /** When it is evaluated. */
  time: number;
}

/** Of a range vector; the scalars among the arguments come as `params`. */
export interface RangeFunction extends Signature {
  /** Undefined: no value. */
  readonly over: (span: Span, params: readonly number[]) => number | undefined;
  readonly keepsName?: boolean;
  /** Remarks on arguments. */
  readonly remark?: (args: readonly Evaluated[], context: CallContext) => void;
}

export type PromqlFunction = VectorFunction | RangeFunction;

export function tableOf(value: Evaluated | undefined): Table {
  if (value?.type !== 'vector') throw new TypeError(`Expected an instant vector, got ${value?.type}`);
  return value;
}

export function rangesOf(value: Evaluated | undefined): Ranges {
  if (value?.type !== 'matrix') throw new TypeError(`Expected a range vector, got ${value?.type}`);
  return value;
}

export function numbersOf(value: Evaluated | undefined): Float64Array {
  if (value?.type !== 'scalar') throw new TypeError(`Expected a scalar, got ${value?.type}`);
  return value.values;
}

export function textOf(value: Evaluated | undefined): string {
  if (value?.type !== 'string') throw new TypeError(`Expected a string, got ${value?.type}`);
  return value.value;
}

/** Remarks on quantiles that are none. */
export function checkQuantiles(
  quantiles: Float64Array,
  { annotations, places }: Pick<CallContext, 'annotations' | 'places'>,
): void {
  for (const q of quantiles)
    if (!(q >= 0 && q <= 1))
      annotations.warn(`quantile value should be between 0 and 1, got ${formatValue(q)}`, places[0] ?? 0);
}
