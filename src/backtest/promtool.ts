import { stringify } from 'yaml';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { formatDuration } from '../promql/duration.ts';
import type { LabelSet } from '../promql/series/labels.ts';
import type { FixedSeries } from '../promql/series/source.ts';
import { print } from '../promql/syntax/print.ts';
import { formatValue } from '../promql/value.ts';
import type { Episode } from '../rules/alert-states.ts';
import type { RuleGroupDefinition } from '../rules/rule.ts';
import type { RecordedGame } from './game.ts';
import { alertMetrics, selections } from './order.ts';
import { withRead } from './reading.ts';
import { type RuleRun, runRules } from './run.ts';
import { BacktestStore } from './store.ts';

/** Two files for `promtool test rules`, which lie side by side. */
export interface PromtoolFiles {
  /** The rules of the game that its expected alerts are made of, without annotations. */
  rules: string;
  tests: string;
}

/** Half of the distance of samples, ms, and the distance of evaluations, which is a whole number of distances. */
interface Pace {
  half: number;
  evaluation: number;
}

/**
 * A game as a test of its expected alerts that promtool runs: at which evaluations each begins and ceases to fire.
 *
 * promtool knows samples at equal distances only: each sample is moved to the middle of its distance. So no sample is where a range
 * begins, which Prometheus 2 counts and Prometheus 3 does not. What is expected is evaluated over the moved samples.
 * @throws MisfortuneError `no-rules` if the game has no rule of an expected alert
 */
export function promtoolTest(game: RecordedGame, rulesFile: string): PromtoolFiles {
  const names = game.expected.flatMap(({ name, or }) => [name, ...or]);
  const alerts = game.rules
    .flatMap(({ rules }) => rules)
    .filter(({ kind, name }) => kind === 'alerting' && names.includes(name));
  const groups = withRead(game.rules, alerts);
  const [first] = groups;
  if (!first) {
    throw new MisfortuneError(
      'no-rules',
      `Expected a rule of ${names.join(' or ')}, found none in the game.`,
      {
        todo: 'Its Prometheus had no such rule: there is nothing to test.',
        exitCode: exitCodes.usage,
      },
    );
  }
  const read = game.recording.series.filter(({ labels }) => isRead(labels, groups));
  const pace = paceOf(read, first.intervalMs || 1000);
  const startMs = game.recording.start * 1000;
  const slots = Math.ceil((game.recording.end * 1000 - startMs) / (2 * pace.half));
  const series = read.map((one) => moved(one, { startMs, slots, ...pace }));
  const end = Math.floor((slots * 2 * pace.half) / pace.evaluation) * pace.evaluation;
  const timed = groups.map((group) => ({ ...group, intervalMs: pace.evaluation }));
  const defaultStepMs = Math.max(1, Math.round(60_000 / game.moments.speed));
  const runs = runRules(timed, new BacktestStore(series), { start: 0, end, phaseOf: () => 0, defaultStepMs });
  return {
    rules: stringify({ groups: timed.map(groupText) }),
    tests: stringify(
      {
        rule_files: [rulesFile],
        evaluation_interval: formatDuration(pace.evaluation),
        group_eval_order: timed.map(({ name }) => name),
        tests: [
          {
            name: `${game.scenario} (${game.id})`,
            interval: formatDuration(pace.half),
            input_series: series.map((one) => ({
              series: String(one.labels),
              values: valuesText(one, pace.half),
            })),
            alert_rule_test: alertTests(runs, { end, evaluation: pace.evaluation }),
          },
        ],
      },
      { lineWidth: 0 },
    ),
  };
}

/** Whether rules read a series that no rule of them writes. */
function isRead(labels: LabelSet, groups: readonly RuleGroupDefinition[]): boolean {
  const rules = groups.flatMap((group) => group.rules);
  const name = labels.get('__name__');
  const isWritten =
    rules.some((rule) => rule.kind === 'recording' && rule.name === name) ||
    alertMetrics.some((metric) => metric === name);
  if (isWritten) return false;
  return rules.some(({ expr }) =>
    selections(expr).some((matchers) => matchers.every((one) => one.matches(labels.get(one.name)))),
  );
}

/** Samples are as close as those of most series, and evaluations as those of the rules. */
function paceOf(series: readonly FixedSeries[], intervalMs: number): Pace {
  const distances = series
    .flatMap(({ times }) => (times.length > 1 ? [(times.at(-1)! - times[0]!) / (times.length - 1)] : []))
    .sort((a, b) => a - b);
  const usual = Math.max(2, distances[distances.length >> 1] ?? intervalMs);
  const each = Math.max(1, Math.round(intervalMs / usual));
  const half = Math.max(1, Math.round(intervalMs / each / 2));
  return { half, evaluation: 2 * half * each };
}

/** The last sample of each distance, in the middle of it; from 0 on. */
function moved(
  { labels, times, values, stale }: FixedSeries,
  { startMs, slots, half }: Pace & { startMs: number; slots: number },
): FixedSeries {
  const last = new Map<number, number>();
  for (const [index, time] of times.entries()) {
    const slot = Math.max(0, Math.ceil((time - startMs) / (2 * half)) - 1);
    if (slot < slots) last.set(slot, index);
  }
  const kept = [...last].sort(([a], [b]) => a - b);
  return {
    labels,
    times: Float64Array.from(kept, ([slot]) => (2 * slot + 1) * half),
    values: Float64Array.from(kept, ([, index]) => values[index]!),
    stale: Uint8Array.from(kept, ([, index]) => stale?.[index] ?? 0),
  };
}

/** A value each half distance; `_` where there is none. */
function valuesText({ times, values, stale }: FixedSeries, half: number): string {
  const texts: string[] = [];
  for (const [index, time] of times.entries()) {
    const missing = time / half - texts.length;
    for (let slot = 0; slot < missing; slot++) texts.push('_');
    texts.push(stale?.[index] ? 'stale' : formatValue(values[index]!));
  }
  return texts.join(' ');
}

function groupText({ name, intervalMs, rules }: RuleGroupDefinition): object {
  return {
    name,
    interval: formatDuration(intervalMs),
    rules: rules.map(({ kind, name: rule, expr, forMs, keepFiringForMs, labels }) => ({
      [kind === 'recording' ? 'record' : 'alert']: rule,
      expr: print(expr),
      ...(forMs > 0 && { for: formatDuration(forMs) }),
      ...(keepFiringForMs > 0 && { keep_firing_for: formatDuration(keepFiringForMs) }),
      ...(Object.keys(labels).length > 0 && { labels }),
    })),
  };
}

/** At the evaluations at which something changes and at those before, at the first and the last. */
function alertTests(
  runs: readonly RuleRun[],
  { end, evaluation }: { end: number; evaluation: number },
): object[] {
  const alerting = runs.filter(({ definition }) => definition.kind === 'alerting');
  const names = [...new Set(alerting.map(({ definition }) => definition.name))];
  return names.flatMap((name) => {
    const episodes = alerting
      .filter(({ definition }) => definition.name === name)
      .flatMap((run) => run.episodes)
      .filter(({ alert }) => alert.firedAt !== undefined);
    const changes = episodes.flatMap(({ alert: { firedAt }, endedAt }) => [firedAt!, endedAt ?? end]);
    const times = new Set([0, end, ...changes.flatMap((time) => [time - evaluation, time])]);
    return [...times]
      .filter((time) => time >= 0 && time <= end)
      .sort((a, b) => a - b)
      .map((time) => ({
        eval_time: formatDuration(time),
        alertname: name,
        exp_alerts: episodes
          .filter((one) => isFiring(one, time))
          .map(({ alert }) => ({
            exp_labels: alert.labels.drop(['alertname']).toJSON(),
          })),
      }));
  });
}

function isFiring({ alert: { firedAt = Infinity }, endedAt = Infinity }: Episode, time: number): boolean {
  return firedAt <= time && time < endedAt;
}
