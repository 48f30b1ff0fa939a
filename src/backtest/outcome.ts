import { longestRange } from '../grade/query-range.ts';
import { print } from '../promql/syntax/print.ts';
import type { Episode } from '../rules/alert-states.ts';
import type { RuleGroupDefinition } from '../rules/rule.ts';
import { atSpeed } from '../rules/speed.ts';
import type { RecordedGame } from './game.ts';
import { lackOf } from './lack.ts';
import { type RuleRun, runRules } from './run.ts';
import { BacktestStore } from './store.ts';

/** What the rules of one alert did in a game. Times are real ms. */
export interface AlertOutcome {
  /** From the injection until it began to fire while the fault lasted. */
  firedAfterMs?: number;
  /** It did not; how long it was pending without a break while the fault lasted, at most. */
  pendingMs?: number;
  /** It fired before the injection already, and went on: that tells nothing of the fault. */
  firedBefore: boolean;
  /** How often it fired in quiet time; label sets that fire at the same time are one. */
  falseAlarms: number;
  /** Quiet time before the injection in which it was evaluated. */
  quietMs: number;
  /** Why nobody can say what it would have done: what it reads is not in the recording, or it cannot be evaluated. */
  unknown?: string;
}

/** Span of time, ms since epoch. */
interface Span {
  from: number;
  until: number;
}

/** Used where neither the rules nor the game say how often rules are evaluated: Prometheus' own default, ms. */
const defaultIntervalMs = 60_000;

/** Evaluates rule files, whose durations are those of speed 1, over a game. */
export function backtest(
  game: RecordedGame,
  rules: readonly RuleGroupDefinition[],
): ReadonlyMap<string, AlertOutcome> {
  const { speed } = game.moments;
  return outcomesOf(
    game,
    rules.map((group) => atSpeed(group, speed)),
  );
}

/** Evaluates over a game what Prometheus evaluated that day. */
export function backtestOfItsDay(game: RecordedGame): ReadonlyMap<string, AlertOutcome> {
  return outcomesOf(game, game.rules);
}

/** The outcome of every alert that has rules, by its name. */
function outcomesOf(
  game: RecordedGame,
  rules: readonly RuleGroupDefinition[],
): ReadonlyMap<string, AlertOutcome> {
  const runs = runOver(game, rules);
  const recording = new Map(
    runs.flatMap(({ definition: { kind, name, expr } }) =>
      kind === 'recording' ? [[name, print(expr)] as const] : [],
    ),
  );
  const alerting = runs.filter(({ definition }) => definition.kind === 'alerting');
  const names = [...new Set(alerting.map(({ definition }) => definition.name))].sort();
  return new Map(
    names.map((name) => {
      const own = alerting.filter(({ definition }) => definition.name === name);
      return [name, outcomeOf(own, { game, recording, all: runs })] as const;
    }),
  );
}

/** Runs rules of the game's speed over its recording. */
export function runOver(game: RecordedGame, rules: readonly RuleGroupDefinition[]): RuleRun[] {
  const { recording, evaluated, moments } = game;
  const usual = [...evaluated.values()][0]?.intervalMs ?? defaultIntervalMs / moments.speed;
  const groups = rules.map((group) => ({
    ...group,
    intervalMs: group.intervalMs || (evaluated.get(group.name)?.intervalMs ?? usual),
  }));
  return runRules(groups, new BacktestStore(recording.series), {
    start: recording.start * 1000,
    end: recording.end * 1000,
    phaseOf: ({ name }) => evaluated.get(name)?.at ?? 0,
    defaultStepMs: Math.max(1, Math.round(60_000 / moments.speed)),
  });
}

function outcomeOf(
  runs: readonly RuleRun[],
  {
    game,
    recording,
    all,
  }: { game: RecordedGame; recording: ReadonlyMap<string, string>; all: readonly RuleRun[] },
): AlertOutcome {
  const { injected, faultEnd } = game.moments;
  const episodes = runs.flatMap((run) => run.episodes);
  const fired = episodes.filter(({ alert }) => alert.firedAt !== undefined);
  const inFault = fired.flatMap(({ alert: { firedAt } }) =>
    firedAt! >= injected && firedAt! <= faultEnd ? [firedAt!] : [],
  );
  const reachMs = Math.max(
    0,
    ...runs.map(({ definition }) => longestRange(print(definition.expr), recording)),
  );
  const quiet = quietOf(game, runs, reachMs);
  const alarms = joined(fired.map((episode) => spanOf(episode))).filter(({ from }) =>
    quiet.some((span) => from >= span.from && from < span.until),
  );
  const pending = Math.max(0, ...episodes.map((episode) => pendingIn(episode, game)));
  const failed = runs.find((run) => run.failed)?.failed?.why;
  const unknown = failed ?? lackOf(runs, all, game.recording);
  return {
    ...(inFault.length > 0 && { firedAfterMs: Math.min(...inFault) - injected }),
    ...(inFault.length === 0 && pending > 0 && { pendingMs: pending }),
    firedBefore: fired
      .map((one) => spanOf(one))
      .some(({ from, until }) => from < injected && until > injected),
    falseAlarms: alarms.length,
    quietMs: quiet.reduce((sum, { from, until }) => sum + until - from, 0),
    ...(inFault.length === 0 && unknown !== undefined && { unknown }),
  };
}

/**
 * From the first sample and evaluation until the injection, without earlier games and what of them is still in the rule's
 * longest range.
 */
function quietOf(
  { recording, moments, earlier }: RecordedGame,
  runs: readonly RuleRun[],
  reachMs: number,
): Span[] {
  const first = recording.series.reduce(
    (least, { times }) => Math.min(least, times[0] ?? Infinity),
    Infinity,
  );
  const from = Math.max(first, Math.min(...runs.map((run) => run.from)));
  let quiet: Span[] = [{ from, until: moments.injected }];
  for (const game of earlier) {
    const over = { from: game.from, until: game.until + reachMs };
    quiet = quiet.flatMap((span) => [
      { from: span.from, until: Math.min(span.until, over.from) },
      { from: Math.max(span.from, over.until), until: span.until },
    ]);
  }
  return quiet.filter((span) => span.until > span.from);
}

/** How long it fired. */
function spanOf({ alert, endedAt }: Episode): Span {
  return { from: alert.firedAt ?? Infinity, until: endedAt ?? Infinity };
}

/** Spans that overlap become one. */
function joined(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && span.from <= last.until) last.until = Math.max(last.until, span.until);
    else found.push({ ...span });
  }
  return found;
}

/** How much of the time from the injection to the end of the fault it was pending. */
function pendingIn({ alert, endedAt }: Episode, { moments: { injected, faultEnd } }: RecordedGame): number {
  return Math.min(alert.firedAt ?? endedAt ?? Infinity, faultEnd) - Math.max(alert.activeAt, injected);
}
