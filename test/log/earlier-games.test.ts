import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { earlierGames } from '../../src/log/earlier-games.ts';
import type { EventBody } from '../../src/log/events.ts';
import { createGameFolder, type GameFolder, validateHome } from '../../src/log/folder.ts';
import { openLog } from '../../src/log/log.ts';
import { ManualClock } from '../game/manual-clock.ts';

let home: string;
let clock: ManualClock;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  clock = new ManualClock();
});
afterEach(() => rmSync(home, { recursive: true }));

const created = (cluster: string): EventBody => ({
  type: 'game-created',
  game: 'g',
  scenario: 's',
  title: 't',
  difficulty: 1,
  briefing: '',
  owner: 'o',
  playbook: 'p',
  timeout: 60,
  hints: 0,
  sandbox: false,
  cluster,
  speed: 1,
  seed: 1,
  player: 'p',
  version: '1',
  signals: [],
  dashboards: [],
});
const plan: EventBody = {
  type: 'plan-made',
  operations: [{ id: 'o1', fault: 'f', verb: 'patch', ref: 'r', describe: 'd', reverts: 'reverts' }],
  permissions: [],
  blastRadius: [],
};
const alert = (state: 'firing' | 'inactive', activeAt: number): EventBody => ({
  type: 'alert-changed',
  name: 'Slow',
  labels: {},
  annotations: {},
  state,
  activeAt,
});

/** A game whose events are ten seconds apart. */
function play(where: string, ...events: EventBody[]): GameFolder {
  const folder = createGameFolder(where, clock.now());
  const log = openLog(folder.log, clock);
  for (const event of events) {
    log.append(event);
    clock.advance(10_000);
  }
  log.close();
  return folder;
}

const asked = (but: GameFolder, cluster = 'staging', where = home) =>
  earlierGames(where, { cluster, since: 0, but }).map(({ from, until }) => (until - from) / 1000);
const restored: EventBody = { type: 'restore-verified', differences: [], conflicts: [] };
const inject: EventBody = { type: 'phase-entered', phase: 'inject' };
const applied: EventBody = { type: 'operation-applied', id: 'o1' };

it('counts from the first change until all is restored and the last alert is over', () => {
  play(
    home,
    created('staging'),
    plan,
    inject,
    applied,
    { type: 'injected' },
    alert('firing', clock.now()),
    restored,
  );
  play(home, created('staging'), plan, inject, applied, { type: 'injected' }, restored, restored);
  const now = play(home, created('staging'));
  expect(asked(now)).toEqual([30, 30]);
});

it('counts one that was aborted while it was injected, and not one that touched nothing', () => {
  play(home, created('staging'), plan, inject, applied, { type: 'ended', ending: 'aborted', why: 'x' });
  play(home, created('staging'), { type: 'ended', ending: 'not-started', why: 'x' });
  expect(asked(play(home, created('staging')))).toEqual([10]);
});

it('counts games that prove scenarios beside those of people, from either side', () => {
  play(validateHome(home), created('staging'), plan, inject, applied, restored);
  const game = play(home, created('staging'), plan, inject, applied, restored);
  expect(asked(game)).toEqual([10]);
  expect(asked(play(validateHome(home), created('staging')), 'staging', validateHome(home))).toEqual([
    10, 10,
  ]);
});

it('leaves out games on another cluster', () => {
  play(home, created('other'), plan, inject, applied, restored);
  expect(asked(play(home, created('staging')))).toEqual([]);
});
