import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gamesIn, isLeftOut, loadRecordedGame } from '../../../src/backtest/game.ts';
import { judged, troubled } from '../../backtest/changed-rules.ts';
import { recordedGame } from '../../backtest/recorded.ts';

const home = mkdtempSync(join(tmpdir(), 'mutants-'));
afterAll(() => rmSync(home, { recursive: true }));

describe('a check of 100 changed rule files', () => {
  it('reports every change that does something else in the game, and no other', async () => {
    recordedGame(home, 'paying', troubled());
    const game = await loadRecordedGame(gamesIn(home)[0]!);
    if (isLeftOut(game)) throw new Error(game.why);
    const all = judged(game, 100);
    expect(all.length).toBe(100);
    const matter = all.filter(({ matters }) => matters).length;
    expect(matter).toBeGreaterThan(30);
    expect(matter).toBeLessThan(80);
    const wrong = all.filter(({ matters, rows }) => matters !== rows.length > 0);
    expect(wrong.map(({ name, matters, rows }) => [name, matters, rows.map((row) => row.why)])).toEqual([]);
  }, 300_000);
});
