import { join } from 'node:path';
import { describeError, MisfortuneError } from '../errors.ts';
import { readJson, writeWhole } from '../log/folder.ts';
import { comparisonOf } from '../signal/comparison.ts';
import { packSeries, type RecordedQuery, type RecordedSeries } from '../signal/recorded-series.ts';
import type { Prometheus } from '../signal/series.ts';
import type { Rules } from './folder-copies.ts';
import { panelQueries } from './panel-queries.ts';
import type { Play } from './play.ts';
import { stackQueries } from './stack-queries.ts';

/** A query that is to be recorded; one with an outcome is kept without being asked. */
export type Wanted = Omit<RecordedQuery, 'series' | 'outcome'> & Partial<Pick<RecordedQuery, 'outcome'>>;

/** Limits on what a game may ask of a Prometheus: queries, series of one query, points of one series. */
export const budget = { queries: 600, seriesEach: 100, points: 1200, atOnce: 4 } as const;

/**
 * Keeps the series that grading and drawing need in the game's folder: live signals, ALERTS, every rule's expression,
 * every panel's queries, the metrics of the stack's namespaces; within a budget. What was skipped is said.
 */
export async function recordSeries(play: Play): Promise<{ file: string; queries: number; skipped: number }> {
  const { folder, setup, state } = play;
  const { prometheus } = setup.monitoring;
  const rules = readJson(folder.rules) as Rules | undefined;
  const range = rangeOf(play, rules);
  const skipped: RecordedSeries['skipped'] = [];
  const wanted: Wanted[] = [
    ...(state().game?.signals ?? []).map(({ id, query }) => ({ kind: 'signal' as const, name: id, query })),
    { kind: 'alerts', name: 'ALERTS', query: 'ALERTS' },
    ...(rules?.alerting ?? []).flatMap(alertQueries),
    ...(rules?.recording ?? []).map(({ name }) => ({ kind: 'recording-rule' as const, name, query: name })),
    ...(await panelQueries(play, range)),
    ...(await stackQueries(play, range, skipped)),
  ];
  const within = wanted.map((one, index): Wanted => {
    return index < budget.queries ? one : { ...one, outcome: 'not asked', why: 'over the budget of queries' };
  });
  const queries = await askAll(within, prometheus, range, skipped);
  const recorded: RecordedSeries = { version: 2, ...range, queries, skipped };
  const file = join('series', 'series.json.gz');
  writeWhole(join(folder.path, file), packSeries(recorded));
  return { file, queries: queries.length, skipped: skipped.length };
}

/** The rule's expression, and what it compares: a series that is also there while the alert is silent. */
function alertQueries({ name, query }: Rules['alerting'][number]): Wanted[] {
  const compared = comparisonOf(query);
  return [
    { kind: 'alert-rule', name, query },
    ...(compared ? [{ kind: 'alert-value' as const, name, query: compared.left }] : []),
  ];
}

export interface Range {
  start: number;
  end: number;
  step: number;
}

/**
 * From three times the fault's length before the injection (the baseline, and two windows to compare it with) until
 * now. The step is the shortest interval of the rules, or longer to stay within the points.
 */
function rangeOf({ state, clock, setup }: Play, rules: Rules | undefined): Range {
  const end = Math.ceil(clock.now() / 1000);
  const injected = (state().injectedAt ?? clock.now()) / 1000;
  const faulty = (state().ended?.at ?? clock.now()) / 1000 - injected;
  const baseline = state().baseline;
  const start = Math.floor(Math.min(injected - 3 * faulty, (baseline?.from ?? clock.now()) / 1000));
  const intervals = (rules?.alerting ?? [])
    .map(({ interval }) => interval)
    .filter((interval) => interval > 0);
  const shortest = intervals.length > 0 ? Math.min(...intervals) : defaultInterval / setup.speed;
  return { start, end, step: Math.max(1, Math.round(shortest), Math.ceil((end - start) / budget.points)) };
}

/** Seconds between evaluations where the rules do not say. */
const defaultInterval = 15;

async function askAll(
  wanted: readonly Wanted[],
  prometheus: Prometheus,
  range: Range,
  skipped: RecordedSeries['skipped'],
): Promise<RecordedQuery[]> {
  const answers: RecordedQuery[] = [];
  const rest = wanted.map((one, index) => ({ one, index }));
  const work = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) {
      const { one, index } = next;
      const { outcome } = one;
      answers[index] = outcome ? { ...one, outcome, series: [] } : await ask(one, prometheus, range, skipped);
    }
  };
  await Promise.all(Array.from({ length: budget.atOnce }, work));
  return answers;
}

async function ask(
  wanted: Wanted,
  prometheus: Prometheus,
  range: Range,
  skipped: RecordedSeries['skipped'],
): Promise<RecordedQuery> {
  try {
    const series = await prometheus.queryRange(wanted.query, range);
    if (series.length > budget.seriesEach) {
      const why = `${series.length} series, the first ${budget.seriesEach} were kept`;
      skipped.push({ what: wanted.name, why });
    }
    return { ...wanted, outcome: 'recorded', series: series.slice(0, budget.seriesEach) };
  } catch (error) {
    const outcome =
      error instanceof MisfortuneError && error.code === 'prometheus-error' ? 'refused' : 'no answer';
    return { ...wanted, outcome, series: [], why: describeError(error).replace(/\.$/, '') };
  }
}
