import type { Matcher } from '../promql/series/matcher.ts';
import type { VectorSelector } from '../promql/syntax/ast.ts';
import { print } from '../promql/syntax/print.ts';
import { walk } from '../promql/syntax/walk.ts';
import type { RawRecording } from '../signal/raw/recording.ts';
import { alertMetrics } from './order.ts';
import type { RuleRun } from './run.ts';

/**
 * What of that which rules read, themselves or through recording rules, may have been there and is not in the recording: a
 * sentence without a full stop. Undefined where the recording tells all.
 */
export function lackOf(
  runs: readonly RuleRun[],
  all: readonly RuleRun[],
  recording: RawRecording,
): string | undefined {
  const written = new Map<string, RuleRun[]>();
  for (const run of all) {
    const { kind, name } = run.definition;
    if (kind === 'recording') written.set(name, [...(written.get(name) ?? []), run]);
  }
  const metrics = metricsOf(recording);
  const seen = new Set<RuleRun>();
  const open = [...runs];
  for (let run = open.pop(); run; run = open.pop()) {
    if (seen.has(run)) continue;
    seen.add(run);
    for (const part of walk(run.definition.expr)) {
      if (part.kind !== 'selector') continue;
      const metric = metricOf(part);
      const rules = metric === undefined ? [] : (written.get(metric) ?? []);
      open.push(...rules);
      const isWritten = rules.length > 0 || alertMetrics.some((name) => name === metric);
      const lack = isWritten ? undefined : lackIn(part, metric, recording, metrics);
      if (lack !== undefined) return lack;
    }
  }
  return undefined;
}

/** A metric of which the recording has series is complete in the stack's namespaces, unless it says otherwise. */
function lackIn(
  selector: VectorSelector,
  metric: string | undefined,
  { series, skipped, namespaces, asked }: RawRecording,
  metrics: ReadonlySet<string>,
): string | undefined {
  const text = print({ ...selector, offsetMs: 0, at: undefined });
  const left = skipped.find(({ what }) => what === text || what === metric);
  if (left) return `${left.what} was not recorded: ${left.why}`;
  if (asked.includes(text) || isWithin(selector.matchers, namespaces)) return undefined;
  const isThere =
    metric === undefined
      ? series.some(({ labels }) => selector.matchers.every(({ name, matches }) => matches(labels.get(name))))
      : metrics.has(metric);
  return isThere ? undefined : `the recording has no series of ${metric ?? text}`;
}

const known = new WeakMap<RawRecording, ReadonlySet<string>>();

/** The names of its metrics, gathered once. */
function metricsOf(recording: RawRecording): ReadonlySet<string> {
  const names = known.get(recording) ?? new Set(recording.series.map(({ labels }) => labels.get('__name__')));
  known.set(recording, names);
  return names;
}

/** Whether it can only give series of these namespaces. */
function isWithin(matchers: readonly Matcher[], namespaces: readonly string[]): boolean {
  return matchers.some(
    ({ name, op, value }) =>
      name === 'namespace' &&
      (op === '=' || op === '=~') &&
      value.split('|').every((one) => namespaces.includes(one)),
  );
}

function metricOf({ matchers }: VectorSelector): string | undefined {
  return matchers.find(({ name, op }) => name === '__name__' && op === '=')?.value;
}
