import type { AlertEpisode } from '../../log/alert-episodes.ts';
import type { RecordedQuery } from '../../signal/recorded-series.ts';
import type { AlertRule } from '../../signal/series.ts';
import type { GradeInput } from '../input.ts';
import type { Moments } from '../moments.ts';
import { onGrid, type Windows, windowsOf } from '../windows.ts';

/**
 * Why an alert ended. reset: what it compares came back below its threshold. series gone: there was nothing left to
 * compare. no value: what it compares is not a number any more (nothing was left to count). still true: its expression held on, so that the rule was removed or changed.
 */
export type AlertEnd = 'reset' | 'series gone' | 'no value' | 'still true';

export const endTexts: Record<AlertEnd, string> = {
  reset: 'reset',
  'series gone': 'ended: its series are gone; nothing had recovered',
  'no value': 'ended: nothing was left to measure; nothing had recovered',
  'still true': 'ended although its expression still held: the rule was removed or changed',
};

/** By what was recorded around its end; a reset where nothing tells otherwise. */
export function endOf(
  episode: AlertEpisode,
  rule: AlertRule | undefined,
  input: GradeInput,
  moments: Moments,
): AlertEnd {
  const { inactiveAt, firingAt = inactiveAt } = episode;
  if (!input.series || !rule || inactiveAt === undefined || firingAt === undefined) return 'reset';
  const windows = windowsOf(input.series, moments);
  const index = (ms: number) => Math.round((ms / 1000 - windows.start) / windows.step);
  const after = [index(inactiveAt) + 1, index(inactiveAt) + 2, index(inactiveAt) + 3];
  if (after.at(-1)! >= windows.length) return 'reset';
  const of = (kind: RecordedQuery['kind']) =>
    input.series?.queries.find((query) => {
      return query.kind === kind && query.name === rule.name && query.outcome === 'recorded';
    });
  if (isThere(of('alert-rule'), episode, after, windows)) return 'still true';
  const value = of('alert-value');
  const during = [index(firingAt), index(firingAt) + 1, index(inactiveAt) - 1, index(inactiveAt) - 2];
  const wasThere = value && during.some((at) => isThere(value, episode, [at], windows));
  if (!wasThere || after.some((at) => isThere(value, episode, [at], windows))) return 'reset';
  return hasPoints(value, after, windows) ? 'no value' : 'series gone';
}

/** Whether any series has a sample there, though it may be no number. */
function hasPoints({ series }: RecordedQuery, places: readonly number[], { start, step }: Windows): boolean {
  return series.some(({ points }) => points.some(([at]) => places.includes(Math.round((at - start) / step))));
}

/** The last change before an alert ended otherwise than by a reset: most likely what took its series away. */
export function changeBefore({ state }: GradeInput, at: number): string | undefined {
  return state.actions.findLast((one) => one.effect === 'mutate' && one.at <= at)?.title;
}

/** Whether a series of this alert has samples at all of these places. */
function isThere(
  query: RecordedQuery | undefined,
  { labels }: AlertEpisode,
  places: readonly number[],
  windows: Windows,
): boolean {
  const own = query?.series.filter((one) =>
    Object.entries(one.labels).every(([label, value]) => label === '__name__' || labels[label] === value),
  );
  return (own ?? []).some((one) => {
    const values = onGrid(one, windows);
    return places.every((at) => values[at] !== undefined && !Number.isNaN(values[at]));
  });
}
