import { type Binary, COMPARISONS } from '../syntax/ast.ts';
import { combined } from './match.ts';
import { ARITHMETIC, COMPARE } from './operators.ts';
import { setOperation } from './sets.ts';
import { type Evaluated, type Table, withoutNames } from './table.ts';

/** The operator applied to both sides, scalars or instant vectors, at every step. */
export function binary(expr: Binary, left: Evaluated, right: Evaluated): Evaluated {
  if (left.type === 'scalar' && right.type === 'scalar') {
    const compute = computed(expr.op);
    return { type: 'scalar', values: left.values.map((value, step) => compute(value, right.values[step]!)) };
  }
  if (left.type === 'vector' && right.type === 'scalar') return withScalar(expr, left, right.values, false);
  if (left.type === 'scalar' && right.type === 'vector') return withScalar(expr, right, left.values, true);
  if (left.type === 'vector' && right.type === 'vector')
    return expr.matching!.many === 'both' ? setOperation(expr, left, right) : combined(expr, left, right);
  throw new TypeError(`Expected scalars or instant vectors, got ${left.type} and ${right.type}`);
}

/** Numbers in and out, 1 for true. */
function computed(op: string): (a: number, b: number) => number {
  const compare = COMPARE[op];
  return compare ? (a, b) => Number(compare(a, b)) : ARITHMETIC[op]!;
}

/** A filter keeps the value of the vector, on whichever side it stands. */
function withScalar(expr: Binary, table: Table, scalars: Float64Array, isLeft: boolean): Table {
  const filters = COMPARISONS.has(expr.op) && !expr.bool;
  const compute = computed(expr.op);
  const { rows, count, values, has } = table;
  const result = { ...table, values: filters ? values : new Float64Array(values.length) };
  if (filters) result.has = new Uint8Array(has.length);
  for (let row = 0, cell = 0; row < rows.length; row++) {
    for (let step = 0; step < count; step++, cell++) {
      if (has[cell] === 0) continue;
      const [value, scalar] = [values[cell]!, scalars[step]!];
      const outcome = isLeft ? compute(scalar, value) : compute(value, scalar);
      if (filters) result.has[cell] = outcome;
      else result.values[cell] = outcome;
    }
  }
  return filters ? result : withoutNames(result);
}
