import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leaseHolder } from '../../src/cluster/access/lease.ts';
import { connectConductor } from '../../src/game/api/client.ts';
import { currentGame } from '../../src/game/api/current.ts';
import { startConductor } from '../../src/game/start/start-conductor.ts';
import { findUnrestored } from '../../src/game/start/unrestored.ts';
import { program } from '../../src/paths.ts';
import { type FaultyProxy, startFaultyProxy } from '../fault/faulty-proxy.ts';
import { type SmallTown, startSmallTown } from './small-cluster.ts';

let home: string;
let town: SmallTown;
let proxy: FaultyProxy;
/** Resolves when the write that puts the tone back is on its way, where it then stays for a while. */
let puttingBack: Promise<void>;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
  await town.settle(home);
  proxy = await startFaultyProxy(town.server);
  const file = join(home, 'sandbox/sandbox.json');
  const access = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...access, kubeconfig: proxy.kubeconfig }));
  writeFileSync(
    join(home, 'misfortune.yaml'),
    'apiVersion: misfortune/v1\nkind: Config\nscenarios: [.]\nplaybooks: [.]\nclusters: {}\n',
  );
});
afterEach(() => {
  proxy.fate = () => undefined;
});
afterAll(async () => {
  await proxy.close();
  await town.close();
  rmSync(home, { recursive: true });
});

describe('a signal after a signal', () => {
  it('does not cut short what the conductor restores', async () => {
    const game = await startConductor({
      ...{ stateHome: home, cluster: {}, seed: 1, autoStart: true, unguarded: true },
      ...{ scenarioFile: join(home, 'wrong-greeting.yaml'), playbookFile: join(home, 'playbook.yaml') },
    });
    for await (const event of connectConductor(game.address, 'master').events())
      if (event.type === 'phase-entered' && event.phase === 'respond') break;
    expect(town.tone()).toBe('rude');
    slowDown(500);
    process.kill(game.pid, 'SIGINT');
    await delay(50);
    process.kill(game.pid, 'SIGTERM');
    await puttingBack;
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(game.pid, name);
    expect(await game.ended).toBe(130);
    await expectRestored();
  });

  it('does not cut short a game in plain lines, however long its restore takes', async () => {
    const child = misfortune(['play', 'wrong-greeting', '--json', '--unguarded', '--keep', '--speed', '40']);
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout! })) {
      const event = JSON.parse(line);
      if (event.type === 'phase-entered' && event.phase === 'respond') break;
    }
    child.stdout!.resume();
    expect(town.tone()).toBe('rude');
    slowDown(2000);
    child.kill('SIGINT');
    await puttingBack;
    // Longer after the first than what counts as the same signal, as whoever stops a job does it.
    await delay(1100);
    child.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
    await expectRestored();
  });

  it('lets recover end in order: the Lease is free, and the same command goes on', async () => {
    const game = await startConductor({
      ...{ stateHome: home, cluster: {}, seed: 1, autoStart: true, unguarded: true },
      ...{ scenarioFile: join(home, 'wrong-greeting.yaml'), playbookFile: join(home, 'playbook.yaml') },
    });
    for await (const event of connectConductor(game.address, 'master').events())
      if (event.type === 'phase-entered' && event.phase === 'respond') break;
    process.kill(game.pid, 'SIGKILL');
    await game.ended;
    slowDown(500);
    const child = misfortune(['recover']);
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    const ended = once(child, 'exit');
    await puttingBack;
    child.kill('SIGINT');
    await delay(50);
    child.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
    expect(said).toContain('Run the same command again to continue.');
    expect(said).not.toContain('defect');
    expect(await leaseHolder(proxy.cluster)).toBeUndefined();
    expect(await once(misfortune(['recover']), 'exit')).toEqual([0, null]);
    await expectRestored();
  });
});

/** From now on the tone is put back so much later, ms. */
function slowDown(by: number): void {
  let tell = () => {};
  puttingBack = new Promise((resolve) => {
    tell = resolve;
  });
  proxy.fate = async ({ method, path }) => {
    // Letting go of the Lease takes longer than until the second signal.
    if (method === 'DELETE' && path.includes('/leases/')) await delay(300);
    if (method !== 'PATCH' || !path.endsWith('/configmaps/greeter')) return undefined;
    tell();
    await delay(by);
    return undefined;
  };
}

function misfortune(args: string[]): ChildProcess {
  return spawn(process.execPath, [program('cli.js'), ...args], {
    cwd: home,
    env: { ...process.env, MISFORTUNE_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function expectRestored(): Promise<void> {
  expect(town.tone()).toBe('kind');
  expect(currentGame(home)).toBeUndefined();
  expect(await findUnrestored(home)).toEqual([]);
}
