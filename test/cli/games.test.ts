import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { games } from '../../src/cli/commands/games/games.ts';
import { realClock } from '../../src/clock.ts';
import type { EventBody } from '../../src/log/events.ts';
import { createGameFolder } from '../../src/log/folder.ts';
import { openLog } from '../../src/log/log.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  vi.stubEnv('MISFORTUNE_HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(home, { recursive: true });
});

const created: EventBody = {
  type: 'game-created',
  ...{ game: 'g', scenario: 'haymaker', title: 'Paying takes forever', difficulty: 2, briefing: '' },
  ...{ owner: 'checkout', playbook: 'latency', timeout: 1200, hints: 0, sandbox: true, cluster: 'sandbox' },
  ...{ speed: 1, seed: 1, player: 'responder', version: '0', signals: [], dashboards: [] },
};
const operation = { id: 'flood-1', fault: 'flood', verb: 'create', ref: 'job.batch/batch/x' } as const;
const changed: EventBody[] = [
  {
    type: 'plan-made',
    operations: [{ ...operation, describe: 'create a Job', reverts: 'reverts' }],
    permissions: [],
    blastRadius: [],
  } as unknown as EventBody,
  { type: 'operation-recorded', id: 'flood-1' },
];

/** What `misfortune games` says of a game with these events. */
async function line(...events: EventBody[]): Promise<string> {
  const log = openLog(createGameFolder(home, realClock.now()).log, realClock);
  for (const event of [created, ...events]) log.append(event);
  log.close();
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  await games({});
  // The newest comes first, below the heading.
  return text.trimEnd().split('\n').at(1) ?? '';
}

describe('the list of games', () => {
  it('says of a game that changed nothing that there was nothing to restore (case C11)', async () => {
    expect(await line({ type: 'ended', ending: 'aborted', why: '' })).toMatch(/ {2}nothing to restore$/);
  });

  it('does not name the scenario of a game that was left at its briefing: it may be drawn again', async () => {
    expect(await line({ type: 'ended', ending: 'aborted', why: '' })).not.toContain('haymaker');
    expect(await line(...changed, { type: 'ended', ending: 'aborted', why: '' })).toContain('haymaker');
  });

  it('says no of one that changed something and was not restored, yes of one that was', async () => {
    expect(await line(...changed, { type: 'ended', ending: 'aborted', why: '' })).toMatch(/ {2}no$/);
    expect(await line(...changed, { type: 'restore-verified', differences: [], conflicts: [] })).toMatch(
      / {2}yes$/,
    );
  });
});
