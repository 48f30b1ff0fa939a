import type { Annotations } from '../annotations.ts';
import type { ValueType } from '../ast.ts';
import { formatValue, type Matrix, type Sample, type Value } from '../value.ts';

/** What a function may know besides its arguments. */
export interface CallContext {
  /** Evaluation time, ms since epoch. */
  readonly time: number;
  readonly annotations: Annotations;
  /** Offsets of the arguments in the query. */
  readonly places: readonly number[];
}

export interface PromqlFunction {
  readonly args: readonly ValueType[];
  /** How many arguments at the end may be left out. */
  readonly optional?: number;
  /** The last argument may come any number of times. */
  readonly variadic?: boolean;
  readonly returns: ValueType;
  readonly call: (args: readonly Value[], context: CallContext) => Value;
}

export function samplesOf(value: Value | undefined): readonly Sample[] {
  if (value?.type !== 'vector') throw new TypeError(`Expected an instant vector, got ${value?.type}`);
  return value.samples;
}

export function matrixOf(value: Value | undefined): Matrix {
  if (value?.type !== 'matrix') throw new TypeError(`Expected a range vector, got ${value?.type}`);
  return value;
}

export function numberOf(value: Value | undefined): number {
  if (value?.type !== 'scalar') throw new TypeError(`Expected a scalar, got ${value?.type}`);
  return value.value;
}

export function textOf(value: Value | undefined): string {
  if (value?.type !== 'string') throw new TypeError(`Expected a string, got ${value?.type}`);
  return value.value;
}

/** Remarks on a quantile that is none. */
export function checkQuantile(q: number, { annotations, places }: CallContext): void {
  if (!(q >= 0 && q <= 1)) annotations.warn(quantileWarning(q), places[0] ?? 0);
}

export function quantileWarning(q: number): string {
  return `quantile value should be between 0 and 1, got ${formatValue(q)}`;
}

export function vector(samples: readonly Sample[]): Value {
  return { type: 'vector', samples };
}

export function scalar(value: number): Value {
  return { type: 'scalar', value };
}
