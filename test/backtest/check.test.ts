import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CheckRow, compareRules } from '../../src/backtest/compare.ts';
import { gamesIn, isLeftOut, loadRecordedGame, type RecordedGame } from '../../src/backtest/game.ts';
import { backtest } from '../../src/backtest/outcome.ts';
import { readRules } from '../../src/backtest/read-rules.ts';
import { sweep } from '../../src/backtest/sweep.ts';
import { checkJunit, checkMarkdown, checkSummary } from '../../src/backtest/texts.ts';
import type { RuleGroupDefinition } from '../../src/rules/rule.ts';
import { alert, eachSecond, recordedGame, ruleFile } from './recorded.ts';

const home = mkdtempSync(join(tmpdir(), 'check-'));
afterAll(() => rmSync(home, { recursive: true }));

/** The scenario's own alert, and another that nobody expects. */
const slow = 'CheckoutLatencyHigh';

let game: RecordedGame;
beforeAll(async () => {
  // 100 s before the injection something short happens; the fault is felt 4 s after it.
  const blip = (second: number) => second >= -100 && second < -95;
  recordedGame(join(home, 'games'), 'paying', [
    eachSecond({ __name__: 'latency' }, (second) => (second >= 4 ? 2 : blip(second) ? 1 : 0.1)),
    eachSecond({ __name__: 'pods', pod: 'x' }, () => 3),
  ]);
  const [folder] = gamesIn(join(home, 'games'));
  const loaded = await loadRecordedGame(folder!);
  if (isLeftOut(loaded)) throw new Error(loaded.why);
  game = loaded;
});

function rules(...some: string[]): RuleGroupDefinition[] {
  const file = join(home, 'rules.yaml');
  writeFileSync(file, ruleFile(...some));
  return readRules(file);
}

function compared(base: readonly string[], after: readonly string[], laterMs = 0): CheckRow[] {
  return compareRules(game, { base: rules(...base), rules: rules(...after), laterMs });
}

const today = [alert(slow, 'latency > 0.5', '15s')];
const verdicts = (rows: readonly CheckRow[]) => rows.map((row) => [row.alert, row.verdict, row.why]);

describe('alert rules over a recorded game', () => {
  it('fire after their `for` at the speed of the game, and in quiet time if it is short', () => {
    // 15 s are 3 s at speed 5: felt after 4 s, seen at the next evaluation, kept for 3 s.
    const outcome = backtest(game, rules(...today)).get(slow)!;
    expect(outcome.firedAfterMs).toBeGreaterThanOrEqual(7000);
    expect(outcome.firedAfterMs).toBeLessThan(8000);
    expect(outcome).toMatchObject({ falseAlarms: 1, firedBefore: false });
    expect(outcome.quietMs / 1000).toBeCloseTo(240, -1);
    expect(backtest(game, rules(alert(slow, 'latency > 0.5', '30s'))).get(slow)).toMatchObject({
      falseAlarms: 0,
    });
  });

  it('tell how long they were pending, and that they fired before already', () => {
    const outcomes = backtest(
      game,
      rules(alert('Late', 'latency > 0.5', '1h'), alert('Always', 'pods == 3')),
    );
    expect(outcomes.get('Late')?.firedAfterMs).toBeUndefined();
    expect(outcomes.get('Late')?.pendingMs).toBeGreaterThan(60_000);
    expect(outcomes.get('Always')).toMatchObject({ firedBefore: true, falseAlarms: 1 });
  });
});

describe('a change of rules', () => {
  it.each([
    [
      'a threshold that is never reached',
      alert(slow, 'latency > 5', '15s'),
      'worse',
      'It does not fire any more.',
    ],
    [
      'a `for` that is too long',
      alert(slow, 'latency > 0.5', '1h'),
      'worse',
      'It does not fire any more: it is pending for too short a time.',
    ],
    ['a `for` that is longer', alert(slow, 'latency > 0.5', '2m'), 'worse', 'It fires later.'],
    ['another name', alert('Renamed', 'latency > 0.5', '15s'), 'worse', 'No rule has this name any more.'],
    [
      'a wrong metric',
      alert(slow, 'latencies > 0.5', '15s'),
      'worse',
      'It cannot be seen to fire: the recording has no series of latencies.',
    ],
    [
      'a wrong label',
      alert(slow, 'latency{namespace="shops"} > 0.5', '15s'),
      'worse',
      'It does not fire any more.',
    ],
    [
      'a threshold that quiet time exceeds',
      alert(slow, 'latency > 0.05', '15s'),
      'worse',
      'It does not fire any more.',
    ],
    ['less of a `for`', alert(slow, 'latency > 0.5', '5s'), 'better', 'It fires earlier.'],
    ['another threshold that says the same', alert(slow, 'latency > 0.6', '15s'), 'unchanged', ''],
    ['other words for the same', alert(slow, '0.5 < latency', '15s'), 'unchanged', ''],
  ])('%s', (_, changed, verdict, why) => {
    expect(verdicts(compared(today, [changed])).filter(([name]) => name === slow)).toEqual([
      [slow, verdict, why],
    ]);
  });

  it('is better with fewer false alarms, and may cost the time that is allowed', () => {
    const longer = [alert(slow, 'latency > 0.5', '30s')];
    expect(verdicts(compared(today, longer))).toEqual([[slow, 'worse', 'It fires later.']]);
    expect(verdicts(compared(today, longer, 60_000))).toEqual([
      [slow, 'better', 'It fires less often in quiet time.'],
    ]);
  });

  it('is worse with a new alert that fires in quiet time, and not with one that does not', () => {
    const noisy = compared(today, [
      ...today,
      alert('Noisy', 'latency > 0.5'),
      alert('Calm', 'latency > 1.5'),
    ]);
    expect(verdicts(noisy)).toEqual([
      [slow, 'unchanged', ''],
      ['Calm', 'better', 'It is new: it fires in the fault and never in quiet time.'],
      ['Noisy', 'worse', 'It fires more often in quiet time.'],
    ]);
  });

  it('says so where nobody can tell', () => {
    const unseen = [alert(slow, 'elsewhere > 1')];
    expect(verdicts(compared(unseen, unseen))).toEqual([
      [slow, 'no data', 'The recording has no series of elsewhere.'],
    ]);
  });

  it('is told as a table for a pull request and as JUnit', () => {
    const rows = compared(today, [alert(slow, 'latency > 5', '15s')]);
    const report = { games: 1, rows, leftOut: [{ id: 'old', why: 'it has no samples' }] };
    expect(checkSummary(report)).toEqual([
      '1 game: 1 worse, 0 better, 0 unchanged, 0 no data.',
      'worse: CheckoutLatencyHigh in paying. It does not fire any more.',
      'old was left out: it has no samples',
    ]);
    expect(checkMarkdown(report)).toContain(
      '| paying | haymaker | CheckoutLatencyHigh | fires after 7.4 s, 1 false alarm in 4 m | does not fire, no false alarm in 4 m | worse |',
    );
    expect(checkJunit(report)).toContain('tests="2" failures="1" errors="0" skipped="1"');
    expect(checkJunit(report)).toContain(
      '<failure message="It does not fire any more. Before: fires after 7.4 s',
    );
  });
});

describe('a sweep over `for` and threshold', () => {
  it('finds what fires early without a false alarm, and marks what the rule says today', () => {
    const points = sweep([game], rules(...today), slow);
    const todays = points.find(({ isToday }) => isToday);
    expect(todays).toMatchObject({ forMs: 15_000, threshold: 0.5, fires: 1, expectedIn: 1, falseAlarms: 1 });
    const quietest = points.filter(({ onFrontier, falseAlarms }) => onFrontier && falseAlarms === 0);
    // Above the blip no `for` is needed.
    expect(quietest.map(({ forMs, threshold }) => [forMs, threshold])).toEqual([[0, 1]]);
    expect(todays!.quietHours).toBeCloseTo((240 * 5) / 3600, 1);
  });

  it('says which alerts there are', () => {
    expect(() => sweep([game], rules(...today), 'CheckoutLatencyHi')).toThrow(
      /Expected an alert of the rules/,
    );
  });
});

describe('a folder of games', () => {
  it('may hold games without samples, which are named', async () => {
    const games = join(home, 'mixed');
    recordedGame(games, 'older', undefined);
    const [folder] = gamesIn(games);
    expect(await loadRecordedGame(folder!)).toMatchObject({
      id: 'older',
      why: expect.stringMatching(/Expected the samples of the game in .*found no such file/),
    });
  });

  it('is asked for where there is none', () => {
    expect(() => gamesIn(join(home, 'nowhere'))).toThrow(/Expected a folder with games, found no log.jsonl/);
  });
});
