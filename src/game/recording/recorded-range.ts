import { longestRange } from '../../grade/query-range.ts';
import { weights } from '../../grade/weights.ts';
import { earlierGames } from '../../log/earlier-games.ts';
import type { EarlierGame } from '../../log/events.ts';
import type { Range } from '../../signal/recorded-series.ts';
import type { Play } from '../play.ts';
import type { Rules } from './known-rules.ts';

/** Seconds between evaluations where the rules do not say. */
const defaultInterval = 15;

/**
 * From three times the fault's length before the injection (the baseline, and two windows to compare it with) until now;
 * further back to go round earlier games, and for the hour of quiet that the price of another `for` takes, as far as
 * samples stay as close as they are: the shortest interval of the rules, or longer to stay within the points. `shown`:
 * what somebody would look at on a dashboard, whose variables may stand for the length of it.
 */
export function recordedRange(
  { state, clock, setup, folder }: Play,
  rules: Rules | undefined,
  points: number,
): { range: Range; shown: Range; games: EarlierGame[] } {
  const end = Math.ceil(clock.now() / 1000);
  const injected = (state().injectedAt ?? clock.now()) / 1000;
  const faulty = (state().ended?.at ?? clock.now()) / 1000 - injected;
  const baseline = (state().baseline?.from ?? clock.now()) / 1000;
  const intervals = (rules?.alerting ?? []).flatMap(({ interval, notPromql }) =>
    interval > 0 && !notPromql ? [interval] : [],
  );
  const shortest = intervals.length > 0 ? Math.min(...intervals) : defaultInterval / setup.speed;
  const step = Math.max(1, Math.round(shortest));
  const furthest = end - points * step;
  const cluster = state().game?.cluster ?? '';
  const games = earlierGames(setup.stateHome, { cluster, since: furthest * 1000, but: folder });
  const quiet = Math.max(3 * faulty, weights.quiet.least / 1000 / setup.speed);
  const wanted = Math.max(furthest, quietStart(injected, quiet, games, Math.max(60, rangesOf(rules))));
  const near = Math.floor(Math.min(injected - 3 * faulty, baseline));
  const start = Math.min(near, Math.floor(wanted));
  const range = { start, end, step: Math.max(step, Math.ceil((end - start) / points)) };
  return { range, shown: { ...range, start: near }, games };
}

/** Since when there are so many quiet seconds before the injection. */
function quietStart(injected: number, seconds: number, games: readonly EarlierGame[], reach: number): number {
  let at = injected;
  let missing = seconds;
  for (const { from, until } of games.toReversed()) {
    const over = Math.min(at, until / 1000 + reach);
    if (at - over >= missing) break;
    missing -= at - over;
    at = Math.min(at, from / 1000);
  }
  return at - missing;
}

/** How long a game stays in what rules say, seconds: their longest range, half an hour at most. */
export function rangesOf(rules: Rules | undefined): number {
  const recording = new Map(rules?.recording.map(({ name, query }) => [name, query]));
  const asked = (rules?.alerting ?? []).filter(({ notPromql }) => !notPromql);
  const all = [...asked, ...(rules?.recording ?? [])];
  const ranges = all.map(({ query }) => longestRange(query, recording) / 1000);
  return Math.min(30 * 60, Math.max(0, ...ranges));
}
