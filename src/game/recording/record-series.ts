import { join } from 'node:path';
import { atOnce } from '../../at-once.ts';
import { readJson, writeWhole } from '../../log/folder.ts';
import { type Asked, askRange } from '../../signal/ask-range.ts';
import { comparisonOf } from '../../signal/comparison.ts';
import {
  packSeries,
  type Range,
  type RecordedQuery,
  type RecordedSeries,
} from '../../signal/recorded-series.ts';
import type { Prometheus } from '../../signal/series.ts';
import type { Documents, Play } from '../play.ts';
import { copyMissing } from './folder-copies.ts';
import type { Rules } from './known-rules.ts';
import { panelQueries } from './panel-queries.ts';
import { recordedRange } from './recorded-range.ts';
import { inOrderOfNeed } from './recording-order.ts';
import { stackQueries } from './stack-queries.ts';
import { budget, type Wanted } from './wanted.ts';

/**
 * Keeps the series that grading and drawing need in the game's folder: live signals, ALERTS, every rule's expression,
 * every panel's queries, the metrics of the stack's namespaces; what matters first, within a budget. What was left out
 * is kept with its reason.
 */
export async function recordSeries(
  play: Play,
  { scenario, playbook }: Documents,
): Promise<{ file: string; queries: number; skipped: number }> {
  const { folder, setup, state } = play;
  const { prometheus } = setup.monitoring;
  const { namespaces } = setup;
  const rules = readJson(folder.rules) as Rules | undefined;
  const { range, shown, games } = recordedRange(play, rules, budget.points);
  play.log.append({ type: 'earlier-games-read', games });
  const skipped: RecordedSeries['skipped'] = [...(await copyMissing(play))];
  const panels = await panelQueries(play, shown);
  const wanted: Wanted[] = [
    ...(state().game?.signals ?? []).map(({ id, query }) => ({ kind: 'signal' as const, name: id, query })),
    { kind: 'alerts', name: 'ALERTS', query: 'ALERTS' },
    ...(rules?.alerting ?? []).flatMap(alertQueries),
    ...(rules?.recording ?? []).map(({ name }) => ({ kind: 'recording-rule' as const, name, query: name })),
    ...panels.wanted,
    ...(await stackQueries(play, shown, skipped)),
  ];
  const ordered = inOrderOfNeed(wanted, { scenario, playbook, state: state(), rules, namespaces });
  const queries = await askAll(withinBudget(ordered), prometheus, range, skipped);
  const recorded: RecordedSeries = { version: 2, ...range, queries, boards: panels.boards, skipped };
  const file = join('series', 'series.json.gz');
  writeWhole(join(folder.path, file), packSeries(recorded));
  const left = queries.filter(({ outcome }) => outcome === 'not asked' || outcome === 'no answer');
  return { file, queries: queries.length - left.length, skipped: skipped.length + left.length };
}

/** The first so many different queries; the others say that they are beyond. */
function withinBudget(wanted: readonly Wanted[]): Wanted[] {
  const asked = new Set<string>();
  return wanted.map((one): Wanted => {
    if (one.outcome !== undefined || asked.has(keyOf(one))) return one;
    if (asked.size < budget.queries) {
      asked.add(keyOf(one));
      return one;
    }
    return { ...one, outcome: 'not asked', why: `over the budget of ${budget.queries} queries` };
  });
}

/** The rule's expression, and what it compares: a series that is also there while the alert is silent. */
function alertQueries({ name, query, notPromql }: Rules['alerting'][number]): Wanted[] {
  if (notPromql) return [];
  const compared = comparisonOf(query);
  return [
    { kind: 'alert-rule', name, query },
    ...(compared ? [{ kind: 'alert-value' as const, name, query: compared.left }] : []),
  ];
}

/** Panels and rules share queries: each is asked once. */
function keyOf({ query, prometheus }: Wanted): string {
  return `${prometheus?.url ?? ''} ${query}`;
}

async function askAll(
  wanted: readonly Wanted[],
  prometheus: Prometheus,
  range: Range,
  skipped: RecordedSeries['skipped'],
): Promise<RecordedQuery[]> {
  let silent = 0;
  const before = new Map<string, Promise<Asked>>();
  const answerTo = async (one: Wanted): Promise<Asked> => {
    const { query, prometheus: other } = one;
    if (silent >= budget.silent)
      return { outcome: 'no answer', series: [], why: 'Prometheus had stopped answering' };
    const key = keyOf(one);
    const asking = before.get(key) ?? askRange(other ?? prometheus, query, range);
    before.set(key, asking);
    const answer = await asking;
    silent = answer.outcome === 'no answer' ? silent + 1 : 0;
    return answer;
  };
  return await atOnce(
    wanted,
    async (one): Promise<RecordedQuery> => {
      const { prometheus: _, outcome, ...kept } = one;
      if (outcome !== undefined) return { ...kept, outcome, series: [] };
      const { series, ...answer } = await answerTo(one);
      if (series.length > budget.seriesEach) {
        const why = `${series.length} series, the first ${budget.seriesEach} were kept`;
        skipped.push({ what: one.name, why });
      }
      return { ...kept, ...answer, series: series.slice(0, budget.seriesEach) };
    },
    budget.atOnce,
  );
}
