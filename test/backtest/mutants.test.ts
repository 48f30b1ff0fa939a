import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareRules } from '../../src/backtest/compare.ts';
import { gamesIn, isLeftOut, loadRecordedGame, type RecordedGame } from '../../src/backtest/game.ts';
import { mutantsOf } from '../../src/backtest/mutants.ts';
import { type MutantResult, MutationTrial } from '../../src/backtest/mutation-score.ts';
import { readRules } from '../../src/backtest/read-rules.ts';
import type { RuleGroupDefinition } from '../../src/rules/rule.ts';
import { alert, eachSecond, recordedGame, ruleFile } from './recorded.ts';

const home = mkdtempSync(join(tmpdir(), 'mutants-'));
afterAll(() => rmSync(home, { recursive: true }));

/** What the scenario of the fixture expects. */
const slow = 'CheckoutLatencyHigh';

let game: RecordedGame;
beforeAll(async () => {
  const blip = (second: number) => second >= -100 && second < -95;
  recordedGame(join(home, 'games'), 'paying', [
    eachSecond({ __name__: 'latency', app: 'checkout' }, (second) =>
      second >= 4 ? 2 : blip(second) ? 1 : 0.1,
    ),
    eachSecond({ __name__: 'pods' }, () => 3),
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

function tried(...some: string[]): MutantResult[] {
  const trial = new MutationTrial(rules(...some));
  trial.play(game);
  return trial.score().results;
}

const fates = (results: readonly MutantResult[]) => results.map(({ rule, what, fate }) => [rule, what, fate]);

describe('mutants of an alert that a game expects', () => {
  it('are noticed where it does not fire any more, or fires in quiet time', () => {
    expect(fates(tried(alert(slow, 'latency{app="checkout"} > 0.9', '30s')))).toEqual([
      [slow, 'the rule is gone', 'noticed'],
      // A blip of five seconds fires without it.
      [slow, 'for 30s → none', 'noticed'],
      [slow, 'for 30s → 2m', 'noticed'],
      // 2 is still more than 1.8, and less than that is no false alarm: no game is about what lies between.
      [slow, 'threshold 0.9 → 1.8', 'survived'],
      [slow, 'threshold 0.9 → 0.45', 'survived'],
      [slow, 'threshold 0.9 → 900', 'noticed'],
      [slow, 'comparison > → <', 'noticed'],
      [slow, 'app="checkout" → "checkout-elsewhere" in latency{app="checkout"}', 'noticed'],
    ]);
  });

  it('that only make it better are told, and are none that a check would stop', () => {
    const [result] = tried(alert(slow, 'latency > 0.5', '1m')).filter(({ what }) =>
      what.startsWith('for 1m → none'),
    );
    expect(result).toMatchObject({ fate: 'noticed', by: { why: 'It fires more often in quiet time.' } });
    const without = tried(alert(slow, 'latency > 1.5', '1m')).filter(({ what }) =>
      what.startsWith('for 1m → none'),
    );
    expect(without).toMatchObject([{ fate: 'changed', by: { alert: slow, why: 'It fires earlier.' } }]);
  });

  it('are noticed in the recording rules that it reads', () => {
    const recording = '  - { record: shop:latency, expr: "max(latency{app=\'checkout\'})" }';
    const results = tried(recording, alert(slow, 'shop:latency > 0.5', '15s'));
    expect(fates(results).filter(([rule]) => rule === 'shop:latency')).toEqual([
      ['shop:latency', 'the rule is gone', 'noticed'],
      ['shop:latency', 'app="checkout" → "checkout-elsewhere" in latency{app="checkout"}', 'noticed'],
    ]);
  });
});

describe('other mutants', () => {
  it('survive where no game expects the alert, which is said', () => {
    const trial = new MutationTrial(rules(alert('PodsGone', 'pods < 1', '1m')));
    trial.play(game);
    const { results, neverExpected } = trial.score();
    expect(neverExpected).toEqual(['PodsGone']);
    expect(results.find(({ what }) => what === 'the rule is gone')).toMatchObject({ fate: 'survived' });
    // It fires in quiet time then.
    expect(results.find(({ what }) => what === 'comparison < → >')).toMatchObject({ fate: 'noticed' });
  });

  it('of what no game recorded are no survivors: nobody knows', () => {
    const results = tried(alert('QueueOld', 'queue_age_seconds > 60', '1m'));
    expect(new Set(results.map(({ fate }) => fate))).toEqual(new Set(['no data']));
  });

  it('of recording rules that no alert reads are not made', () => {
    expect(tried('  - { record: shop:pods, expr: sum(pods) }')).toEqual([]);
  });
});

describe('what a mutant is tried with', () => {
  it('is enough: over all rules the alert does the same', () => {
    const all = [
      '  - { record: a, expr: max(latency) }',
      '  - { record: b, expr: a * 2 }',
      alert(slow, 'b > 1', '15s'),
      alert('Other', 'pods > 2', '15s'),
      alert('Both', 'a > 0.5 and on () pods > 2'),
    ];
    const groups = rules(...all);
    const mutants = mutantsOf(groups);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: mutants.length - 1 }), (index) => {
        const { before, after } = mutants[index]!;
        const changed = new Set(before.flatMap((group) => group.rules));
        const kept = new Set(after.flatMap((group) => group.rules));
        const whole = groups.map((group) => ({
          ...group,
          rules: [
            ...group.rules.filter((rule) => !changed.has(rule) || kept.has(rule)),
            ...[...kept].filter((rule) => !group.rules.includes(rule)),
          ],
        }));
        const worse = (rows: ReturnType<typeof compareRules>) =>
          rows
            .filter(({ verdict }) => verdict === 'worse' || verdict === 'better')
            .map(({ alert: name, why }) => [name, why]);
        expect(worse(compareRules(game, { base: before, rules: after, laterMs: 0 }))).toEqual(
          worse(compareRules(game, { base: groups, rules: whole, laterMs: 0 })),
        );
      }),
      { numRuns: 20 },
    );
  });
});
