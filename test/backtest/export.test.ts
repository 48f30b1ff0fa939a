import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gamesIn, isLeftOut, loadRecordedGame, type RecordedGame } from '../../src/backtest/game.ts';
import { type PromtoolFiles, promtoolTest } from '../../src/backtest/promtool.ts';
import { skipsWithout } from '../slow/monitor/installed.ts';
import { eachSecond, recordedGame } from './recorded.ts';

const home = mkdtempSync(join(tmpdir(), 'export-'));
afterAll(() => rmSync(home, { recursive: true }));

let game: RecordedGame;
let files: PromtoolFiles;
beforeAll(async () => {
  // What the fixture's own rules read: quotes of 0.1 s, and of 2 s from the 4th second on; a second pod comes and goes.
  const buckets = (pod: string, from: number, until: number) =>
    ['0.25', '1', '5', '+Inf'].map((le) =>
      eachSecond(
        { __name__: 'http_request_duration_seconds_bucket', app: 'checkout', code: '200', pod, le },
        (second) => {
          if (second < from || second > until) return undefined;
          const slow = 7 * Math.max(0, second - 4);
          return 10_000 + 10 * (second - from) + (Number(le.replace('+', '')) < 2 ? 0 : slow);
        },
      ),
    );
  recordedGame(home, 'paying', [
    ...buckets('a', -300, 300),
    ...buckets('b', 20, 60),
    eachSecond({ __name__: 'unread' }, () => 1),
  ]);
  const loaded = await loadRecordedGame(gamesIn(home)[0]!);
  if (isLeftOut(loaded)) throw new Error(loaded.why);
  game = loaded;
  files = promtoolTest(game, 'rules.yml');
});

function promtool(tests: string): { status: number | null; text: string } {
  writeFileSync(join(home, 'rules.yml'), files.rules);
  writeFileSync(join(home, 'test.yml'), tests);
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(home, 'test.yml')], {
    encoding: 'utf8',
  });
  return { status, text: `${stdout}${stderr}` };
}

describe('a game as a test of promtool', () => {
  it('has the rules of its expected alert and what they read, and no other series', () => {
    expect(files.rules).toContain('record: shop:checkout:p95_seconds');
    expect(files.rules).toContain('alert: CheckoutLatencyHigh');
    expect(files.rules).not.toContain('alert: CheckoutSaturated');
    expect(files.tests).toContain('http_request_duration_seconds_bucket{');
    expect(files.tests).not.toContain('unread');
  });

  it.skipIf(skipsWithout('promtool', 'prometheus'))('passes, and fails once the rule is another', () => {
    expect(files.tests).toContain('severity: critical');
    expect(promtool(files.tests).text).toContain('SUCCESS');
    const other = files.rules.replace('p95_seconds > 0.5', 'p95_seconds > 50');
    expect(other).not.toBe(files.rules);
    files = { ...files, rules: other };
    expect(promtool(files.tests)).toMatchObject({ status: 1, text: expect.stringContaining('FAILED') });
  });

  it('is refused where the game has no rule of an expected alert', () => {
    expect(() => promtoolTest({ ...game, rules: [] }, 'rules.yml')).toThrow(
      /Expected a rule of CheckoutLatencyHigh.*, found none in the game/,
    );
  });
});
