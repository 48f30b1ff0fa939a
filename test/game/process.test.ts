import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../src/clock.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import { recover } from '../../src/fault/recover/recover.ts';
import { connectConductor } from '../../src/game/api/client.ts';
import { currentGame } from '../../src/game/api/current.ts';
import { type ConductorProcess, startConductor } from '../../src/game/start/start-conductor.ts';
import { findUnrestored } from '../../src/game/start/unrestored.ts';
import { findGameFolder } from '../../src/log/folder.ts';
import { readLog } from '../../src/log/log.ts';
import { reduceAll } from '../../src/log/state.ts';
import { type SmallTown, scenarioText, startSmallTown } from './small-cluster.ts';

let home: string;
let town: SmallTown;
let game: ConductorProcess;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
  await town.settle(home);
});
afterEach(() => town.setTone('kind'));
afterAll(async () => {
  await town.close();
  rmSync(home, { recursive: true });
});

const options = () => ({
  stateHome: home,
  scenarioFile: join(home, 'wrong-greeting.yaml'),
  playbookFile: join(home, 'playbook.yaml'),
  cluster: {},
  seed: 1,
  autoStart: true,
  // There is nothing but an API server: no pod of a guardian would ever run.
  unguarded: true,
});

async function play(): Promise<void> {
  game = await startConductor(options());
  for await (const event of connectConductor(game.address, 'master').events()) {
    if (event.type === 'phase-entered' && event.phase === 'respond') return;
  }
  throw new Error('not played');
}

const stateOf = () => reduceAll(readLog(findGameFolder(home, game.address.game).log).events);

describe("the conductor's process", () => {
  it.each([
    ['SIGINT', () => process.kill(game.pid, 'SIGINT')],
    ['SIGTERM', () => process.kill(game.pid, 'SIGTERM')],
    ['SIGHUP', () => process.kill(game.pid, 'SIGHUP')],
    ['the end of its lifeline', () => game.release()],
  ])('restores the cluster on %s and says so by its exit code', async (_, end) => {
    await play();
    expect(town.tone()).toBe('rude');
    end();
    expect(await game.ended).toBe(130);
    expect(town.tone()).toBe('kind');
    expect(stateOf()).toMatchObject({ ended: { ending: 'aborted' }, restored: { differences: [] } });
    expect(currentGame(home)).toBeUndefined();
    expect(await findUnrestored(home)).toEqual([]);
  });

  it('leaves a ledger after kill -9; the game is found, recovered and then found no more', async () => {
    await play();
    process.kill(game.pid, 'SIGKILL');
    await game.ended;
    expect(town.tone()).toBe('rude');
    expect(currentGame(home)).toBeUndefined();
    const [folder, ...others] = await findUnrestored(home);
    expect(others).toEqual([]);
    expect(folder?.id).toBe(game.address.game);
    const cluster = await connect({ kubeconfig: town.server.kubeconfig });
    const told = { cluster, clock: realClock, emit: () => {}, undoResponder: true, leaseSeconds: 1 };
    expect(await recover({ ledger: folder?.ledger ?? '', ...told })).toMatchObject({
      differences: [],
      conflicts: [],
    });
    cluster.close();
    expect(town.tone()).toBe('kind');
    expect(await findUnrestored(home)).toEqual([]);
  });

  it('says what is wrong with a document before anything is touched', async () => {
    const scenarioFile = join(home, 'broken.yaml');
    writeFileSync(scenarioFile, scenarioText.replace('difficulty: 1', 'dificulty: 1'));
    await expect(startConductor({ ...options(), scenarioFile })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('shows nothing of the scenario in its list of processes', async () => {
    await play();
    const { stdout } = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(game.pid)], { encoding: 'utf8' });
    expect(stdout).toContain('conductor.js');
    expect(stdout).not.toContain('wrong-greeting');
    game.release();
    await game.ended;
  });
});
