import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { leasePlace } from '../../../src/cluster/access/lease.ts';
import { clusterIdentity } from '../../../src/cluster/identity.ts';
import { createClusterLedger } from '../../../src/fault/ledger/cluster-ledger.ts';
import { createLedger } from '../../../src/fault/ledger/ledger.ts';
import { ledgerPair } from '../../../src/fault/ledger/pair.ts';
import { recover } from '../../../src/fault/recover/recover.ts';
import { OutsideWorld } from '../../fault/outside-world.ts';
import { breakIt, faultBreakages, heals, operationsOf, remadeService, scalesOf } from './breakages.ts';
import { type Breakage, bundleDriver, type DriverProcess, startDriver } from './engine-process.ts';
import { crashAtEach } from './matrix.ts';
import type { CrashPoint } from './proxy.ts';
import { CrashSite, maintenance } from './site.ts';

const most = Number(process.env.MISFORTUNE_CRASH_POINTS ?? Number.POSITIVE_INFINITY);
const world = new OutsideWorld();

let site: CrashSite;
let driver: string;
let folder: string;
let games = 0;
beforeAll(async () => {
  site = await CrashSite.start(world);
  folder = mkdtempSync(join(tmpdir(), 'recover-'));
  driver = await bundleDriver('recover-driver', folder);
}, 120_000);
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

describe.each([...faultBreakages, remadeService])('$what, and `recover`', ({ what, breakage }) => {
  it('leaves nothing when it is run again, whichever write it was killed at', {
    timeout: 1_800_000,
  }, async () => {
    const writes = await withoutCrash(breakage);
    // The Lease is taken and let go, the copy of the ledger goes, and something is put back unless it heals by itself.
    expect(writes.length).toBeGreaterThanOrEqual(heals.has(what) ? 3 : 4);
    const crash = (at: number, point: CrashPoint) => crashAt(at, point, breakage);
    expect(await crashAtEach(`recover, ${what}`, writes, 1, crash, most)).toEqual([]);
  });
});

/** A game that was killed is put back: the writes, in order. */
async function withoutCrash(breakage: Breakage): Promise<string[]> {
  const ledger = await abandoned(breakage);
  site.proxy.arm(undefined);
  const recovery = startDriver(driver, [site.kubeconfig, ledger]);
  expect([await recovery.ended, recovery.errors()]).toEqual([0, '']);
  const writes = [...site.proxy.writes];
  expect(await leftAfter(ledger, true)).toEqual([]);
  return writes;
}

/** Kills `recover` at a write, runs it again, and gives what is different from before. */
async function crashAt(at: number, point: CrashPoint, breakage: Breakage): Promise<string[]> {
  const ledger = await abandoned(breakage);
  let first: DriverProcess | undefined;
  site.proxy.arm({ at, point, kill: () => first!.kill() });
  first = startDriver(driver, [site.kubeconfig, ledger]);
  const end = await first.ended;
  if (end !== 'SIGKILL') return [`was not killed but ended with ${end}: ${first.errors()}`];
  return [...(await leftAfter(ledger, false)), ...(await leftAfter(ledger, true))];
}

/** Breaks it, as a process of this machine that is gone, with the ledger in both places; gives its file. */
async function abandoned(breakage: Breakage): Promise<string> {
  const { cluster } = site.plane;
  games += 1;
  const path = join(folder, `${games}.jsonl`);
  const holder = `${hostname()}_4194305_${String(games).padStart(8, '0')}`;
  const identity = await clusterIdentity(cluster);
  const head = {
    game: `${games}`,
    cluster: identity,
    at: games,
    namespace: maintenance,
    scales: await scalesOf(cluster),
  };
  const file = await createLedger(path, { ...head, lease: { ...leasePlace, holder } });
  const place = { cluster, clock: realClock, namespace: maintenance };
  const ledger = ledgerPair(file, await createClusterLedger(place, file.entries));
  const engine = { cluster, ledger, clock: realClock, emit: () => undefined };
  await breakIt(breakage, await operationsOf(breakage, cluster), engine);
  await ledger.close();
  await site.leaveLease(holder, 30);
  return path;
}

/** Recovers, for the last time when everything should be as it was. */
async function leftAfter(ledger: string, nothingToDo: boolean): Promise<string[]> {
  const { already, differences, conflicts } = await recover({
    ...{ ledger, cluster: site.plane.cluster, clock: realClock, emit: () => undefined, undoResponder: true },
  });
  return [
    ...[...differences, ...conflicts].map((each) => JSON.stringify(each)),
    ...(nothingToDo && !already ? ['`recover` found something to do once more'] : []),
    ...(await site.differences()),
  ];
}
