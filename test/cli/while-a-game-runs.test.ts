import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { examine } from '../../src/cli/commands/doctor.ts';
import { play } from '../../src/cli/commands/play.ts';
import { report } from '../../src/cli/commands/report.ts';
import { validate } from '../../src/cli/commands/validate.ts';
import { realClock } from '../../src/clock.ts';
import { announceGame } from '../../src/game/api/current.ts';
import { createGameFolder, type GameFolder } from '../../src/log/folder.ts';
import { openLog } from '../../src/log/log.ts';

let home: string;
let folder: GameFolder;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  vi.stubEnv('MISFORTUNE_HOME', home);
  folder = createGameFolder(home, realClock.now());
  // Its conductor is alive: it is this process.
  const tokens = { responder: '', master: '' };
  announceGame(home, folder, { version: 1, game: folder.id, pid: process.pid, socket: '', tokens });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

describe('while a game runs', () => {
  it('makes no report of it, which would name what is broken', async () => {
    const log = openLog(folder.log, realClock);
    log.append({ type: 'phase-entered', phase: 'respond' });
    await expect(report('last', {})).rejects.toMatchObject({ code: 'game-running', exitCode: 3 });
    log.append({ type: 'ended', ending: 'mitigated', why: '' });
    log.close();
    await expect(report('last', {})).rejects.not.toMatchObject({ code: 'game-running' });
  });

  it('examines no cluster, where what is broken would be found', async () => {
    const findings = await examine({});
    expect(findings.at(-1)).toMatchObject({
      what: 'cluster',
      seen: `not checked while game ${folder.id} runs`,
    });
    expect(JSON.stringify(findings)).not.toMatch(/haymaker|broken-upstream/);
  });

  it('starts no second game and proves nothing on the sandbox, and says how to take part', async () => {
    const refusal = { code: 'game-running', todo: expect.stringContaining('misfortune join') };
    await expect(play(undefined, { player: 'x', announce: true, speed: '1' })).rejects.toMatchObject(refusal);
    await expect(validate(['haymaker'], { speed: '1' })).rejects.toMatchObject(refusal);
  });
});
