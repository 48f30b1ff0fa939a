import type { RuleGroupDefinition } from '../rules/rule.ts';
import type { RecordedGame } from './game.ts';
import { type AlertOutcome, backtest, backtestOfItsDay } from './outcome.ts';

export type Verdict = 'better' | 'worse' | 'unchanged' | 'no data';

/** One alert in one game, with the rules of before and after. */
export interface CheckRow {
  readonly game: string;
  readonly scenario: string;
  /** Its name; of an expected alert with alternatives all names, of which one is enough. */
  readonly alert: string;
  readonly expected: boolean;
  /** Undefined: no rule has this name. */
  readonly before: AlertOutcome | undefined;
  readonly after: AlertOutcome | undefined;
  readonly verdict: Verdict;
  /** What changed, or why nothing can be said: a sentence. */
  readonly why: string;
}

export interface CompareOptions {
  /** What the rules were before; undefined: what Prometheus evaluated in each game. */
  readonly base: readonly RuleGroupDefinition[] | undefined;
  readonly rules: readonly RuleGroupDefinition[];
  /** How much later an expected alert may fire without being worse, ms at speed 1. */
  readonly laterMs: number;
}

/** Compares what rules do in a game with what those of before do: first what the scenario expects, then other alerts. */
export function compareRules(game: RecordedGame, { base, rules, laterMs }: CompareOptions): CheckRow[] {
  const before = base ? backtest(game, base) : backtestOfItsDay(game);
  return compareOutcomes(game, before, backtest(game, rules), {
    laterMs: laterMs / game.moments.speed,
    sameMs: slowest(game, [...(base ?? []), ...rules]),
  });
}

/** The same for outcomes that are known already. */
export function compareOutcomes(
  game: RecordedGame,
  before: ReadonlyMap<string, AlertOutcome>,
  after: ReadonlyMap<string, AlertOutcome>,
  tolerance: Tolerance,
): CheckRow[] {
  const expected = game.expected.map(({ name, or }) => [name, ...or]);
  const others = [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => !expected.flat().includes(name))
    .sort();
  const row = (names: readonly string[], isExpected: boolean): CheckRow => {
    const pair = { before: ofNames(before, names), after: ofNames(after, names) };
    const head = { game: game.id, scenario: game.scenario, alert: names.join(' or '), expected: isExpected };
    return { ...head, ...pair, ...verdictOf(pair, isExpected, tolerance) };
  };
  return [
    ...expected.map((names) => row(names, true)),
    ...others.map((name) => row([name], false)).filter(isWorthARow),
  ];
}

/** Of several alerts the first that fires counts, and all their false alarms. */
export function ofNames(
  outcomes: ReadonlyMap<string, AlertOutcome>,
  names: readonly string[],
): AlertOutcome | undefined {
  const found = names.flatMap((name) => outcomes.get(name) ?? []);
  if (found.length < 2) return found[0];
  const times = found.flatMap(({ firedAfterMs }) => firedAfterMs ?? []);
  const pending = found.flatMap(({ pendingMs }) => pendingMs ?? []);
  const unknown = found.flatMap((one) => one.unknown ?? [])[0];
  return {
    ...(times.length > 0 && { firedAfterMs: Math.min(...times) }),
    ...(times.length === 0 && pending.length > 0 && { pendingMs: Math.max(...pending) }),
    ...(times.length === 0 && unknown !== undefined && { unknown }),
    firedBefore: found.some(({ firedBefore }) => firedBefore),
    falseAlarms: found.reduce((sum, { falseAlarms }) => sum + falseAlarms, 0),
    quietMs: Math.min(...found.map(({ quietMs }) => quietMs)),
  };
}

/** False alarms an hour of quiet at speed 1, in which the rules' durations are whole; undefined without quiet. */
export function perHour({ falseAlarms, quietMs }: AlertOutcome, speed: number): number | undefined {
  return quietMs > 0 ? falseAlarms / ((quietMs * speed) / 3_600_000) : undefined;
}

/** An alert that nobody expects and that never does anything says nothing. */
function isWorthARow({ before, after, verdict }: CheckRow): boolean {
  const does = (one: AlertOutcome | undefined) =>
    one !== undefined && (one.firedAfterMs !== undefined || one.firedBefore || one.falseAlarms > 0);
  return verdict === 'worse' || verdict === 'better' || does(before) || does(after);
}

/** Real ms. */
export interface Tolerance {
  laterMs: number;
  /** A difference below one evaluation tells nothing: groups are evaluated at times of their own. */
  sameMs: number;
}

function verdictOf(
  { before, after }: Pick<CheckRow, 'before' | 'after'>,
  expected: boolean,
  tolerance: Tolerance,
): Pick<CheckRow, 'verdict' | 'why'> {
  const alarms = alarmsChange(before, after);
  const detection = expected ? detectionChange(before, after, tolerance) : undefined;
  const both = [detection, alarms, newAlert(before, after, expected)].filter((one) => one !== undefined);
  const found =
    both.find(({ verdict }) => verdict === 'worse') ??
    both.find(({ verdict }) => verdict === 'better') ??
    both.find(({ verdict }) => verdict === 'no data');
  return found ?? { verdict: 'unchanged', why: '' };
}

type Change = Pick<CheckRow, 'verdict' | 'why'> | undefined;

/** An alert that had no rule, tells of the fault and of nothing else. */
function newAlert(
  before: AlertOutcome | undefined,
  after: AlertOutcome | undefined,
  expected: boolean,
): Change {
  if (before || expected || after?.firedAfterMs === undefined) return undefined;
  if (after.firedBefore || after.falseAlarms > 0 || after.quietMs === 0) return undefined;
  return { verdict: 'better', why: 'It is new: it fires in the fault and never in quiet time.' };
}

function detectionChange(
  before: AlertOutcome | undefined,
  after: AlertOutcome | undefined,
  { laterMs, sameMs }: Tolerance,
): Change {
  const was = before?.firedAfterMs;
  const is = after?.firedAfterMs;
  if (was === undefined && is !== undefined) return { verdict: 'better', why: 'It fires now.' };
  if (was !== undefined && is === undefined) return { verdict: 'worse', why: lost(after) };
  if (was === undefined || is === undefined) {
    const why = after?.unknown ?? (after ? undefined : before?.unknown);
    return why === undefined ? undefined : { verdict: 'no data', why: sentence(why) };
  }
  if (is - was >= Math.max(sameMs, laterMs)) return { verdict: 'worse', why: 'It fires later.' };
  return was - is >= sameMs ? { verdict: 'better', why: 'It fires earlier.' } : undefined;
}

function lost(after: AlertOutcome | undefined): string {
  if (!after) return 'No rule has this name any more.';
  if (after.unknown !== undefined) return `It cannot be seen to fire: ${after.unknown}.`;
  return after.pendingMs === undefined
    ? 'It does not fire any more.'
    : 'It does not fire any more: it is pending for too short a time.';
}

function alarmsChange(before: AlertOutcome | undefined, after: AlertOutcome | undefined): Change {
  if ((after && after.quietMs === 0) || (before && before.quietMs === 0)) return undefined;
  const was = rate(before);
  const is = rate(after);
  if (is > was) return { verdict: 'worse', why: 'It fires more often in quiet time.' };
  return is < was ? { verdict: 'better', why: 'It fires less often in quiet time.' } : undefined;
}

/** An alert without a rule gives no false alarm. */
function rate(outcome: AlertOutcome | undefined): number {
  return outcome ? outcome.falseAlarms / outcome.quietMs : 0;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The longest interval at which groups are evaluated in the game, real ms. */
export function slowest(
  { evaluated, moments }: RecordedGame,
  groups: readonly RuleGroupDefinition[],
): number {
  const told = [...evaluated.values()].map(({ intervalMs }) => intervalMs);
  return Math.max(1, ...told, ...groups.map(({ intervalMs }) => intervalMs / moments.speed));
}
