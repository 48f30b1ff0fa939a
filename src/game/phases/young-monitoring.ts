import { weights } from '../../grade/weights.ts';
import { type CheckResult, monitoringIsYoung } from '../../log/events.ts';
import { readJson } from '../../log/folder.ts';
import { askRange } from '../../signal/ask-range.ts';
import { type Play, real } from '../play.ts';
import type { Rules } from '../recording/known-rules.ts';
import { rangesOf, recordedRange } from '../recording/recorded-range.ts';
import { budget } from '../recording/wanted.ts';

/** A rate has its first value after this many samples. */
const rateBegins = 4;

/**
 * How long a Prometheus that has just started is waited for, ms at speed 1. Then the game begins all the same, and panels
 * may be "not observed".
 */
const youngWithin = 2 * 60_000;

/**
 * A Prometheus that has just started has nothing that panels could be compared with, neither in this game nor in the one
 * that follows it. Empty where nobody waits for it, where there is enough, where it does not tell (no `up`), or when that was waited for long enough.
 * `since`: when the waiting began, on the monotonic clock.
 */
export async function youngMonitoring(play: Play, since: number): Promise<CheckResult[]> {
  const { setup, signal, clock, folder } = play;
  if (setup.waitsForQuiet === false) return [];
  if (clock.mono() - since > real(play, youngWithin)) return [];
  const rules = readJson(folder.rules) as Rules | undefined;
  const { range, games } = recordedRange(play, rules, budget.points);
  const { series } = await askRange(setup.monitoring.prometheus, 'up', range, signal);
  const measured = new Set(series.flatMap(({ points }) => points.map(([at]) => at)));
  const reach = rangesOf(rules);
  const quiet = [...measured].filter(
    (at) => !games.some(({ from, until }) => at >= from / 1000 && at <= until / 1000 + reach),
  ).length;
  const wanted = weights.quiet.young + rateBegins;
  if (measured.size === 0 || quiet >= wanted) return [];
  const seen = `${quiet} of ${wanted} samples before a game to compare it with`;
  return [{ id: monitoringIsYoung, holds: false, seen }];
}
