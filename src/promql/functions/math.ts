import { mapped, singleRow, withoutNames } from '../evaluate/table.ts';
import { LabelSet } from '../series/labels.ts';
import { numbersOf, tableOf, type VectorFunction } from './signature.ts';

/** Functions of one value at a time. */
export const mathFunctions: Record<string, VectorFunction> = {
  abs: each(Math.abs),
  ceil: each(Math.ceil),
  floor: each(Math.floor),
  exp: each(Math.exp),
  ln: each(Math.log),
  log2: each(Math.log2),
  log10: each(Math.log10),
  sqrt: each(Math.sqrt),
  sgn: each(Math.sign),
  sin: each(Math.sin),
  cos: each(Math.cos),
  tan: each(Math.tan),
  asin: each(Math.asin),
  acos: each(Math.acos),
  atan: each(Math.atan),
  sinh: each(Math.sinh),
  cosh: each(Math.cosh),
  tanh: each(Math.tanh),
  asinh: each(Math.asinh),
  acosh: each(Math.acosh),
  atanh: each(Math.atanh),
  deg: each((value) => (value * 180) / Math.PI),
  rad: each((value) => (value * Math.PI) / 180),
  // Inverted first, as Prometheus does: 1/0.1 is exact where 0.1 is not.
  round: withNumbers(1, (value, nearest = 1) => {
    const inverse = 1 / nearest;
    return Math.floor(value * inverse + 0.5) / inverse;
  }),
  clamp: {
    args: ['instant vector', 'scalar', 'scalar'],
    returns: 'instant vector',
    call: ([input, low, high]) => {
      const [lows, highs] = [numbersOf(low), numbersOf(high)];
      const table = tableOf(input);
      const has = table.has.map((is, cell) =>
        highs[cell % table.count]! < lows[cell % table.count]! ? 0 : is,
      );
      const clamped = mapped(table, (value, step) => Math.max(lows[step]!, Math.min(highs[step]!, value)));
      return withoutNames({ ...clamped, has });
    },
  },
  clamp_min: withNumbers(0, (value, low = Number.NaN) => Math.max(low, value)),
  clamp_max: withNumbers(0, (value, high = Number.NaN) => Math.min(high, value)),
  pi: {
    args: [],
    returns: 'scalar',
    call: (_, { grid }) => ({ type: 'scalar', values: new Float64Array(grid.count).fill(Math.PI) }),
  },
};

/** Time and calendar, in UTC. */
export const dateFunctions: Record<string, VectorFunction> = {
  minute: part((date) => date.getUTCMinutes()),
  hour: part((date) => date.getUTCHours()),
  day_of_week: part((date) => date.getUTCDay()),
  day_of_month: part((date) => date.getUTCDate()),
  day_of_year: part((date) => (startOfDay(date) - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000),
  days_in_month: part((date) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  ),
  month: part((date) => date.getUTCMonth() + 1),
  year: part((date) => date.getUTCFullYear()),
};

function each(compute: (value: number) => number): VectorFunction {
  return {
    args: ['instant vector'],
    returns: 'instant vector',
    call: ([input]) => withoutNames(mapped(tableOf(input), compute)),
  };
}

/** Of a value and a scalar, which may be left out if `optional` is 1. */
function withNumbers(
  optional: number,
  compute: (value: number, parameter: number | undefined) => number,
): VectorFunction {
  return {
    args: ['instant vector', 'scalar'],
    optional,
    returns: 'instant vector',
    call: ([input, second]) => {
      const numbers = second && numbersOf(second);
      return withoutNames(mapped(tableOf(input), (value, step) => compute(value, numbers?.[step])));
    },
  };
}

function startOfDay(date: Date): number {
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}

const NO_LABELS = [LabelSet.empty];

/** Of each value as a time in seconds, or of the time of evaluation. */
function part(of: (date: Date) => number): VectorFunction {
  return {
    args: ['instant vector'],
    optional: 1,
    returns: 'instant vector',
    call: ([input], { grid }) => {
      const table = input ? tableOf(input) : singleRow(NO_LABELS, secondsOf(grid));
      return withoutNames(mapped(table, (value) => of(new Date(Math.trunc(value) * 1000))));
    },
  };
}

/** Times of evaluation in seconds. */
export function secondsOf({
  start,
  step,
  count,
}: {
  start: number;
  step: number;
  count: number;
}): Float64Array {
  return new Float64Array(count).map((_, index) => (start + index * step) / 1000);
}
