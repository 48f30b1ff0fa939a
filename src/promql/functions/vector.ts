import { emptyTable, mapped, singleRow, type Table, withoutNames } from '../evaluate/table.ts';
import { LabelSet } from '../series/labels.ts';
import { secondsOf } from './math.ts';
import { numbersOf, tableOf, textOf, type VectorFunction } from './signature.ts';

const NO_LABELS = [LabelSet.empty];

/** Functions between scalars and vectors, of time, and of order. */
export const vectorFunctions: Record<string, VectorFunction> = {
  time: {
    args: [],
    returns: 'scalar',
    call: (_, { grid }) => ({ type: 'scalar', values: secondsOf(grid) }),
  },
  // Of a plain selector the evaluation gives when its samples were taken; anything else happens now.
  timestamp: {
    args: ['instant vector'],
    returns: 'instant vector',
    call: ([input], { grid }) => {
      const seconds = secondsOf(grid);
      return withoutNames(mapped(tableOf(input), (_, step) => seconds[step]!));
    },
  },
  vector: {
    args: ['scalar'],
    returns: 'instant vector',
    call: ([input]) => singleRow(NO_LABELS, numbersOf(input)),
  },
  scalar: {
    args: ['instant vector'],
    returns: 'scalar',
    call: ([input], { grid }) => {
      const { rows, count, has, values } = tableOf(input);
      const result = new Float64Array(grid.count).fill(Number.NaN);
      const seen = new Uint32Array(count);
      for (let row = 0, cell = 0; row < rows.length; row++)
        for (let step = 0; step < count; step++, cell++)
          if (has[cell] === 1) result[step] = ++seen[step]! === 1 ? values[cell]! : Number.NaN;
      return { type: 'scalar', values: result };
    },
  },
  sort: ordered(1),
  sort_desc: ordered(-1),
  sort_by_label: byLabel(1),
  sort_by_label_desc: byLabel(-1),
};

function ordered(direction: 1 | -1): VectorFunction {
  return {
    args: ['instant vector'],
    returns: 'instant vector',
    call: ([input]) => {
      const table = tableOf(input);
      // NaN comes last in both directions.
      return sorted(table, (a, b) => {
        const [x, y] = [table.values[a]!, table.values[b]!];
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
        return direction * (x - y);
      });
    },
  };
}

function byLabel(direction: 1 | -1): VectorFunction {
  return {
    args: ['instant vector', 'string'],
    variadic: true,
    optional: 1,
    returns: 'instant vector',
    call: ([input, ...names]) => {
      const table = tableOf(input);
      const labels = names.map(textOf);
      return sorted(table, (a, b) => {
        const [x, y] = [table.rows[a]!, table.rows[b]!];
        for (const name of labels) {
          const order = natural.compare(x.get(name), y.get(name));
          if (order !== 0) return direction * order;
        }
        return direction * (x.key < y.key ? -1 : 1);
      });
    },
  };
}

const natural = new Intl.Collator('en', { numeric: true });

/** In order of what is there at the only step; over a range there is no order, as in Prometheus. */
function sorted(table: Table, compare: (a: number, b: number) => number): Table {
  if (table.count !== 1) return table;
  const present = table.rows.flatMap((_, row) => (table.has[row] === 1 ? [row] : [])).sort(compare);
  const result = emptyTable(
    present.map((row) => table.rows[row]!),
    1,
  );
  result.values.set(present.map((row) => table.values[row]!));
  result.has.fill(1);
  return result;
}
