import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gamesIn, isLeftOut, loadRecordedGame } from '../../src/backtest/game.ts';
import { judged, troubled } from './changed-rules.ts';
import { recordedGame } from './recorded.ts';

const home = mkdtempSync(join(tmpdir(), 'changed-'));
afterAll(() => rmSync(home, { recursive: true }));

describe('a check of 30 changed rule files', () => {
  it('reports every change that does something else in the game, and no other', async () => {
    recordedGame(home, 'paying', troubled());
    const game = await loadRecordedGame(gamesIn(home)[0]!);
    if (isLeftOut(game)) throw new Error(game.why);
    // 100 in test/slow/backtest/changed-rules.test.ts.
    const all = judged(game, 30);
    const matter = all.filter(({ matters }) => matters).length;
    expect(matter).toBeGreaterThan(5);
    expect(matter).toBeLessThan(25);
    const wrong = all.filter(({ matters, rows }) => matters !== rows.length > 0);
    expect(wrong.map(({ name, matters, rows }) => [name, matters, rows.map((row) => row.why)])).toEqual([]);
  });
});
