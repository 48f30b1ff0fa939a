import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGameFolder, findGameFolder, gameFolders, gamesHome } from '../../src/log/folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
});
afterEach(() => {
  chmodSync(home, 0o700);
  rmSync(home, { recursive: true });
});

const morning = new Date(2026, 10, 22, 7, 42).getTime();

describe('the folders of games', () => {
  it('are named by the minute, and numbered when several begin in it', () => {
    const ids = Array.from({ length: 11 }, () => createGameFolder(home, morning).id);
    expect(ids.slice(0, 3)).toEqual(['2026-11-22-0742', '2026-11-22-0742-2', '2026-11-22-0742-3']);
    createGameFolder(home, morning - 60_000);
    expect(gameFolders(home).map((one) => one.id)).toEqual(['2026-11-22-0741', ...ids]);
  });

  it('are readable by their owner only', () => {
    expect(statSync(createGameFolder(home, morning).path).mode & 0o777).toBe(0o700);
  });

  it('are found by id, by path and as the last one', () => {
    const first = createGameFolder(home, morning);
    const second = createGameFolder(home, morning);
    writeFileSync(first.log, '');
    expect(findGameFolder(home, first.id).path).toBe(first.path);
    expect(findGameFolder(home, 'last').path).toBe(second.path);
    expect(findGameFolder(join(home, 'elsewhere'), first.path).path).toBe(first.path);
    expect(() => findGameFolder(home, 'nothing')).toThrow(expect.objectContaining({ code: 'unknown-game' }));
  });

  it('say what to do when their place is taken by a file', () => {
    mkdirSync(home, { recursive: true });
    writeFileSync(gamesHome(home), '');
    expect(() => createGameFolder(home, morning)).toThrow(
      expect.objectContaining({ code: 'no-game-folder' }),
    );
  });
});
