import type { LabelSet } from '../tsdb/labels.ts';
import { type Binary, COMPARISONS, type Matching } from './ast.ts';
import { PromqlError } from './error.ts';
import type { Sample, Value } from './value.ts';

/** One operator between two numbers; comparisons say whether the left one is kept. */
const OPERATORS: Record<string, (a: number, b: number) => number | boolean> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
  atan2: (a, b) => Math.atan2(a, b),
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

/** The operator applied to both sides, scalars or instant vectors. */
export function binary(expr: Binary, left: Value, right: Value): Value {
  if (left.type === 'scalar' && right.type === 'scalar') {
    return { type: 'scalar', value: Number(OPERATORS[expr.op]!(left.value, right.value)) };
  }
  if (left.type === 'vector' && right.type === 'scalar') {
    return withScalar(expr, left.samples, (value) => [value, right.value]);
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    return withScalar(expr, right.samples, (value) => [left.value, value]);
  }
  if (left.type === 'vector' && right.type === 'vector') {
    return { type: 'vector', samples: matched(expr, expr.matching!, left.samples, right.samples) };
  }
  throw new TypeError(`Expected scalars or instant vectors, got ${left.type} and ${right.type}`);
}

function withScalar(
  expr: Binary,
  samples: readonly Sample[],
  sides: (value: number) => [number, number],
): Value {
  const dropsName = expr.bool || !COMPARISONS.has(expr.op);
  const result: Sample[] = [];
  for (const { labels, value } of samples) {
    const [a, b] = sides(value);
    // A filter keeps the value of the vector, on whichever side it stands.
    const outcome = combine(expr, a, b, value);
    if (outcome !== undefined)
      result.push({ labels: dropsName ? labels.withoutName() : labels, value: outcome });
  }
  return { type: 'vector', samples: result };
}

/** The value of one pair; undefined where a comparison filters it out. */
function combine({ op, bool }: Binary, a: number, b: number, kept: number): number | undefined {
  const outcome = OPERATORS[op]!(a, b);
  if (typeof outcome === 'number') return outcome;
  if (bool) return Number(outcome);
  return outcome ? kept : undefined;
}

function matched(
  expr: Binary,
  matching: Matching,
  left: readonly Sample[],
  right: readonly Sample[],
): Sample[] {
  const key = matchKey(matching);
  if (expr.op === 'and' || expr.op === 'unless') {
    const present = new Set(right.map(({ labels }) => key(labels)));
    return left.filter(({ labels }) => present.has(key(labels)) === (expr.op === 'and'));
  }
  if (expr.op === 'or') {
    const present = new Set(left.map(({ labels }) => key(labels)));
    return [...left, ...right.filter(({ labels }) => !present.has(key(labels)))];
  }
  const [many, one] = matching.many === 'right' ? [right, left] : [left, right];
  const oneByKey = new Map<string, Sample>();
  for (const sample of one) {
    const group = key(sample.labels);
    const other = oneByKey.get(group);
    if (other) throw duplicate(matching, sample, other);
    oneByKey.set(group, sample);
  }
  const seen = new Set<string>();
  const result: Sample[] = [];
  for (const sample of many) {
    const group = key(sample.labels);
    const partner = oneByKey.get(group);
    if (!partner) continue;
    const [a, b] = matching.many === 'right' ? [partner.value, sample.value] : [sample.value, partner.value];
    const value = combine(expr, a, b, a);
    if (value === undefined) continue;
    const labels = resultLabels(expr, matching, sample.labels, partner.labels);
    const unique = matching.many === 'none' ? group : labels.key;
    if (seen.has(unique)) {
      const hint =
        matching.many === 'none'
          ? 'many-to-one matching must be explicit (group_left/group_right)'
          : 'grouping labels must ensure unique matches';
      throw new PromqlError('execution', `multiple matches for labels: ${hint}`);
    }
    seen.add(unique);
    result.push({ labels, value });
  }
  return result;
}

function duplicate(matching: Matching, a: Sample, b: Sample): PromqlError {
  const side = matching.many === 'right' ? 'left' : 'right';
  const group = matching.on ? a.labels.keep(matching.labels) : a.labels.withoutName().drop(matching.labels);
  return new PromqlError(
    'execution',
    `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: [${b.labels}, ${a.labels}];many-to-many matching not allowed: matching labels must be unique on one side`,
  );
}

/** Projections by matching clause: label sets live as long as their series, so most are computed once. */
const keys = new WeakMap<Matching, WeakMap<LabelSet, string>>();

function matchKey(matching: Matching): (labels: LabelSet) => string {
  let known = keys.get(matching);
  if (!known) {
    known = new WeakMap();
    keys.set(matching, known);
  }
  const cache = known;
  return (labels) => {
    let key = cache.get(labels);
    if (key === undefined) {
      key = (matching.on ? labels.keep(matching.labels) : labels.withoutName().drop(matching.labels)).key;
      cache.set(labels, key);
    }
    return key;
  };
}

function resultLabels({ op, bool }: Binary, matching: Matching, many: LabelSet, one: LabelSet): LabelSet {
  let labels = bool || !COMPARISONS.has(op) ? many.withoutName() : many;
  if (matching.many === 'none') {
    labels = matching.on ? labels.keep(matching.labels) : labels.drop(matching.labels);
  }
  if (matching.include.length === 0) return labels;
  return labels.with(Object.fromEntries(matching.include.map((name) => [name, one.get(name)])));
}
