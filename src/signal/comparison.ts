import { parser } from '@prometheus-io/lezer-promql';

/** An expression of the form `value > 0.5`: what an alerting rule compares, and with what. */
export interface Comparison {
  /** The side that has a value at all times. */
  left: string;
  operator: '>' | '>=' | '<' | '<=' | '==' | '!=';
  threshold: number;
}

const operators: Record<string, Comparison['operator']> = {
  Gtr: '>',
  Gte: '>=',
  Lss: '<',
  Lte: '<=',
  EqlC: '==',
  Eql: '==',
  Neq: '!=',
};

/** Undefined where the whole expression is not one comparison with a number (`a > b`, `x and y`, `absent(x)`). */
export function comparisonOf(expression: string): Comparison | undefined {
  let node = parser.parse(expression).topNode.firstChild;
  while (node?.name === 'ParenExpr') node = node.firstChild;
  if (node?.name !== 'BinaryExpr') return undefined;
  const left = node.firstChild;
  const right = node.lastChild;
  const operator = left?.nextSibling && operators[left.nextSibling.name];
  if (!left || !right || !operator || node.getChild('BoolModifier')) return undefined;
  const threshold = Number(expression.slice(right.from, right.to));
  // An expression that ends too early has an empty right side, and Number('') is 0.
  if (right.from === right.to || Number.isNaN(threshold)) return undefined;
  return { left: expression.slice(left.from, left.to), operator, threshold };
}

/** Of some values the one that came closest to making the comparison true; undefined of none. */
export function closest({ operator }: Comparison, values: readonly number[]): number | undefined {
  const numbers = values.filter((value) => !Number.isNaN(value));
  if (numbers.length === 0) return undefined;
  return operator.startsWith('<') ? Math.min(...numbers) : Math.max(...numbers);
}
