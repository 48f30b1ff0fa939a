import { fingerprint } from '../tsdb/fingerprint.ts';
import type { LabelSet } from '../tsdb/labels.ts';
import type { Aggregation } from './ast.ts';
import { PromqlError } from './error.ts';
import { quantile, standardDeviation, sum, variance } from './statistics.ts';
import { formatValue, type Sample, type Value } from './value.ts';

/** Aggregations that make one value of a group. */
const REDUCERS: Record<string, (values: readonly number[]) => number> = {
  sum,
  avg: (values) => sum(values) / values.length,
  count: (values) => values.length,
  group: () => 1,
  min: (values) => extreme(values, (a, b) => a < b),
  max: (values) => extreme(values, (a, b) => a > b),
  stddev: standardDeviation,
  stdvar: variance,
};

/** Aggregations that choose some of a group, by their parameter. */
const SELECTORS: Record<string, (parameter: number) => (members: readonly Sample[]) => readonly Sample[]> = {
  topk: (parameter) => {
    const k = count(parameter);
    return (members) => best(-1, k, members);
  },
  bottomk: (parameter) => {
    const k = count(parameter);
    return (members) => best(1, k, members);
  },
  limitk: (parameter) => {
    const k = count(parameter);
    return (members) => members.slice(0, k);
  },
  limit_ratio: (parameter) => {
    if (Number.isNaN(parameter)) throw new PromqlError('execution', 'Ratio value NaN is NaN');
    const ratio = Math.max(-1, Math.min(1, parameter));
    return (members) =>
      members.filter(({ labels }) => (ratio >= 0 ? share(labels) < ratio : share(labels) >= 1 + ratio));
  },
};

/** Where in [0, 1) a series stands: always the same, and evenly spread. Prometheus has another hash. */
function share(labels: LabelSet): number {
  return Number(BigInt(`0x${fingerprint(labels)}`) >> 11n) / 2 ** 53;
}

function count(parameter: number): number {
  if (!(Math.abs(parameter) < 2 ** 63))
    throw new PromqlError('execution', `Scalar value ${formatValue(parameter)} overflows int64`);
  return Math.max(0, Math.trunc(parameter));
}

export function aggregate(expr: Aggregation, param: Value | undefined, samples: readonly Sample[]): Value {
  if (expr.op === 'count_values') {
    return {
      type: 'vector',
      samples: countValues(expr, param?.type === 'string' ? param.value : '', samples),
    };
  }
  const parameter = param?.type === 'scalar' ? param.value : Number.NaN;
  const select = SELECTORS[expr.op]?.(parameter);
  const groups = grouped(expr, samples);
  if (select)
    return { type: 'vector', samples: [...groups.values()].flatMap(({ members }) => select(members)) };
  const reduce =
    expr.op === 'quantile' ? (values: readonly number[]) => quantile(parameter, values) : REDUCERS[expr.op]!;
  return {
    type: 'vector',
    samples: [...groups.values()].map(({ labels, members }) => ({
      labels,
      value: reduce(members.map(({ value }) => value)),
    })),
  };
}

interface Group {
  labels: LabelSet;
  members: Sample[];
}

/** Projections by aggregation: label sets live as long as their series, so most are computed once. */
const projections = new WeakMap<Aggregation, WeakMap<LabelSet, LabelSet>>();

function grouped(expr: Aggregation, samples: readonly Sample[]): Map<string, Group> {
  let cache = projections.get(expr);
  if (!cache) {
    cache = new WeakMap();
    projections.set(expr, cache);
  }
  const groups = new Map<string, Group>();
  for (const sample of samples) {
    let labels = cache.get(sample.labels);
    if (!labels) {
      labels = expr.without ? sample.labels.withoutName().drop(expr.labels) : sample.labels.keep(expr.labels);
      cache.set(sample.labels, labels);
    }
    const group = groups.get(labels.key);
    if (group) group.members.push(sample);
    else groups.set(labels.key, { labels, members: [sample] });
  }
  return groups;
}

/** NaN counts only if there is nothing else. */
function extreme(values: readonly number[], better: (a: number, b: number) => boolean): number {
  return values.reduce((best, value) => (Number.isNaN(best) || better(value, best) ? value : best));
}

/** The k highest or lowest, best first; NaN comes last. */
function best(direction: 1 | -1, k: number, members: readonly Sample[]): Sample[] {
  const sorted = [...members].sort((a, b) => {
    if (Number.isNaN(a.value) || Number.isNaN(b.value)) {
      return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
    }
    return direction * (a.value - b.value);
  });
  return sorted.slice(0, k);
}

function countValues(expr: Aggregation, label: string, samples: readonly Sample[]): Sample[] {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(label)) {
    throw new PromqlError('execution', `invalid label name ${JSON.stringify(label)}`);
  }
  const counts = new Map<string, { labels: LabelSet; value: number }>();
  for (const { labels, value } of samples) {
    const kept = expr.without ? labels.withoutName().drop(expr.labels) : labels.keep(expr.labels);
    const group = kept.with({ [label]: formatValue(value) });
    const known = counts.get(group.key);
    if (known) known.value++;
    else counts.set(group.key, { labels: group, value: 1 });
  }
  return [...counts.values()];
}
