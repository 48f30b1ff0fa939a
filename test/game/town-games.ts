import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { connectConductor } from '../../src/game/api/client.ts';
import { type Conductor, openConductor } from '../../src/game/conductor.ts';
import type { GameSetup } from '../../src/game/start/setup.ts';
import type { GameEvent } from '../../src/log/events.ts';
import { readLog } from '../../src/log/log.ts';
import { type GameState, reduceAll } from '../../src/log/state.ts';
import { type SmallTown, startSmallTown } from './small-cluster.ts';

/** A small town of the test file's own, kind and healthy before each test, in which games are played. */
export interface TownGames {
  home: string;
  town: SmallTown;
  open(more?: Partial<GameSetup>): Promise<Conductor>;
}

export function townGames(): TownGames {
  const on = {
    open: async (more: Partial<GameSetup> = {}) => openConductor(await on.town.setup(more)),
  } as TownGames;
  beforeAll(async () => {
    on.home = mkdtempSync(join(tmpdir(), 'home-'));
    on.town = await startSmallTown(on.home);
  });
  afterAll(async () => {
    await on.town.close();
    rmSync(on.home, { recursive: true });
  });
  beforeEach(() => {
    on.town.setTone('kind');
    on.town.prometheus.value = 0.1;
    on.town.prometheus.broken = false;
    on.town.prometheus.samples = 2000;
    on.town.prometheus.alerts = [];
  });
  return on;
}

export const stateOf = (conductor: Conductor): GameState => reduceAll(readLog(conductor.folder.log).events);
export const typesOf = (conductor: Conductor): GameEvent['type'][] =>
  readLog(conductor.folder.log).events.map((event) => event.type);

/** Resolves once the responder may act. */
export async function untilPlayed(conductor: Conductor): Promise<void> {
  const client = connectConductor(conductor.address, 'responder');
  for await (const event of client.events()) {
    if (event.type === 'phase-entered' && event.phase === 'respond') return;
  }
  throw new Error(`not played: ${stateOf(conductor).ended?.why}`);
}
