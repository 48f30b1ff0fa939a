import { perHour } from '../../../backtest/compare.ts';
import {
  gamesIn,
  isLeftOut,
  type LeftOut,
  loadRecordedGame,
  type RecordedGame,
} from '../../../backtest/game.ts';
import { type AlertOutcome, backtest } from '../../../backtest/outcome.ts';
import { readRules } from '../../../backtest/read-rules.ts';
import { type SweepPoint, sweep } from '../../../backtest/sweep.ts';
import { alarmsText, detectionText, rateText } from '../../../backtest/texts.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { formatDuration } from '../../../words/duration.ts';
import { number } from '../../../words/number.ts';
import { duration } from '../../../words/time.ts';
import { table } from '../../../words/width.ts';
import { print } from '../../output.ts';

interface BacktestOptions {
  games?: string;
  rules?: string;
  base?: string;
  sweep?: string;
  json?: boolean;
}

/** One alert in one game. Times are real ms. */
interface BacktestRow {
  game: string;
  scenario: string;
  speed: number;
  alert: string;
  expected: boolean;
  /** Missing: no rule has this name. */
  outcome?: AlertOutcome & { falseAlarmsPerHour?: number };
  before?: AlertOutcome | null;
  afterSymptomMs?: number;
}

/** `misfortune backtest`: what rules do in each game, beside what other rules do if these are given. */
export async function backtestCommand(options: BacktestOptions): Promise<void> {
  const { folders, rules } = wanted(options);
  const groups = readRules(rules);
  const base = options.base === undefined ? undefined : readRules(options.base);
  const leftOut: LeftOut[] = [];
  if (options.sweep !== undefined) {
    const games: RecordedGame[] = [];
    for await (const game of loaded(folders, leftOut)) games.push(game);
    return printSweep(sweep(games, groups, options.sweep), options, leftOut);
  }
  const found: BacktestRow[] = [];
  for await (const game of loaded(folders, leftOut)) {
    const after = backtest(game, groups);
    const before = base && backtest(game, base);
    const expected = game.expected.flatMap(({ name, or }) => [name, ...or]);
    const { id, scenario, moments } = game;
    for (const name of new Set([...expected, ...after.keys()])) {
      const isExpected = expected.includes(name);
      const outcome = after.get(name);
      if (!isExpected && !doesAnything(outcome) && !doesAnything(before?.get(name))) continue;
      found.push({
        ...{ game: id, scenario, speed: moments.speed, alert: name, expected: isExpected },
        ...(outcome && { outcome: withRate(outcome, moments.speed) }),
        ...(before && { before: before.get(name) ?? null }),
        // An alert is not late before anybody could feel anything.
        ...(outcome?.firedAfterMs !== undefined &&
          moments.symptomSeen && {
            afterSymptomMs: outcome.firedAfterMs - (moments.symptom - moments.injected),
          }),
      });
    }
  }
  print({ alerts: found, leftOut }, options, () => [
    ...table([
      [
        'GAME',
        'SCENARIO',
        'ALERT',
        'EXPECTED',
        ...(base ? ['BEFORE'] : []),
        'FIRES',
        'AFTER SYMPTOM',
        'IN QUIET TIME',
        'RATE',
      ],
      ...found.map((one) => [
        ...[one.game, one.scenario, one.alert, one.expected ? 'yes' : 'no'],
        ...(base ? [detectionText(one.before ?? undefined)] : []),
        detectionText(one.outcome),
        one.afterSymptomMs === undefined ? '—' : duration(one.afterSymptomMs),
        one.outcome ? alarmsText(one.outcome) : '—',
        rateText(one.outcome?.falseAlarmsPerHour),
      ]),
    ]),
    ...leftOut.map(({ id, why }) => `${id} was left out: ${why}`),
  ]);
}

/** Both options are needed. */
export function wanted({ games, rules }: { games?: string; rules?: string }) {
  const missing = games === undefined ? '--games' : rules === undefined ? '--rules' : undefined;
  if (missing !== undefined || games === undefined || rules === undefined) {
    throw new MisfortuneError('missing-option', `Expected ${missing}, found no such option.`, {
      todo: '`--help` shows an example.',
      exitCode: exitCodes.usage,
    });
  }
  return { folders: gamesIn(games), rules };
}

/** The games of folders, one at a time: the samples of all of them would take gigabytes. */
export async function* loaded(
  folders: ReturnType<typeof gamesIn>,
  leftOut: LeftOut[],
): AsyncGenerator<RecordedGame> {
  for (const folder of folders) {
    const game = await loadRecordedGame(folder);
    if (isLeftOut(game)) leftOut.push(game);
    else yield game;
  }
  if (leftOut.length === folders.length) {
    throw new MisfortuneError('no-samples', `Expected a game with samples, found none. ${leftOut[0]?.why}`, {
      exitCode: exitCodes.usage,
    });
  }
}

function doesAnything(outcome: AlertOutcome | undefined): boolean {
  return (
    outcome !== undefined &&
    (outcome.firedAfterMs !== undefined || outcome.firedBefore || outcome.falseAlarms > 0)
  );
}

function withRate(outcome: AlertOutcome, speed: number): AlertOutcome & { falseAlarmsPerHour?: number } {
  const falseAlarmsPerHour = perHour(outcome, speed);
  return { ...outcome, ...(falseAlarmsPerHour !== undefined && { falseAlarmsPerHour }) };
}

/** The frontier, and what the rule says today. */
function printSweep(
  points: readonly SweepPoint[],
  options: BacktestOptions,
  leftOut: readonly LeftOut[],
): void {
  print({ points, leftOut }, options, () => [
    ...table([
      ['FOR', 'THRESHOLD', 'FIRES IN', 'AFTER', 'FALSE ALARMS', ''],
      ...points
        .filter(({ onFrontier, isToday }) => onFrontier || isToday)
        .sort(
          (a, b) =>
            (a.firesAfterMs ?? Infinity) - (b.firesAfterMs ?? Infinity) || a.falseAlarms - b.falseAlarms,
        )
        .map((point) => [
          formatDuration(point.forMs),
          point.threshold === undefined ? '—' : String(point.threshold),
          `${point.fires} of ${point.expectedIn}`,
          point.firesAfterMs === undefined ? '—' : duration(point.firesAfterMs),
          `${point.falseAlarms} in ${number(point.quietHours)} h`,
          point.isToday ? (point.onFrontier ? 'today' : 'today, and another is better') : '',
        ]),
    ]),
    ...leftOut.map(({ id, why }) => `${id} was left out: ${why}`),
  ]);
}
