import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { leasePlace } from '../../../src/cluster/access/lease.ts';
import { clusterIdentity } from '../../../src/cluster/identity.ts';
import { guardianName } from '../../../src/fault/guardian/settings.ts';
import { createClusterLedger } from '../../../src/fault/ledger/cluster-ledger.ts';
import { listClusterLedgers } from '../../../src/fault/ledger/cluster-ledger-read.ts';
import { recover } from '../../../src/fault/recover/recover.ts';
import { OutsideWorld } from '../../fault/outside-world.ts';
import { breakIt, faultBreakages, operationsOf, scalesOf } from './breakages.ts';
import { type Breakage, bundleDriver, type DriverProcess, startDriver } from './engine-process.ts';
import { crashAtEach } from './matrix.ts';
import type { CrashPoint } from './proxy.ts';
import { CrashSite, maintenance as namespace } from './site.ts';

/** Each takes some seconds of silence: of each part a third as many as elsewhere. */
const most = Math.ceil(Number(process.env.MISFORTUNE_CRASH_POINTS ?? Number.POSITIVE_INFINITY) / 3);
const name = guardianName('game');
const leases = { kind: 'lease', group: 'coordination.k8s.io' };
const world = new OutsideWorld();

let site: CrashSite;
let driver: string;
let games = 0;
beforeAll(async () => {
  site = await CrashSite.start(world);
  const { cluster, server } = site.plane;
  driver = await bundleDriver('guardian-driver', server.folder);
  const kind = { apiVersion: `${leases.group}/v1`, kind: 'Lease' };
  await cluster.create({ ...kind, metadata: { namespace, name }, spec: {} });
}, 120_000);
afterAll(() => site.close());

describe.each(faultBreakages)('$what, and a guardian', ({ what, breakage }) => {
  it('leaves nothing after the next guardian, whichever write it was killed at', {
    timeout: 1_800_000,
  }, async () => {
    const writes = await withoutCrash(breakage);
    // It takes the Lease, says what it does, lets go of the Lease, erases.
    expect(writes.length).toBeGreaterThanOrEqual(4);
    const crash = (at: number, point: CrashPoint) => crashAt(at, point, breakage);
    expect(await crashAtEach(`guardian, ${what}`, writes, 1, crash, most)).toEqual([]);
  });
});

/** A game that is never heard of again is put back by one guardian: its writes, in order. */
async function withoutCrash(breakage: Breakage): Promise<string[]> {
  const id = await abandoned(breakage);
  site.proxy.arm(undefined);
  const guardian = start();
  await restored(id);
  const writes = [...site.proxy.writes];
  await guardian.kill();
  expect(await left(id)).toEqual([]);
  return writes;
}

/** Kills a guardian at a write, lets the next one finish, and gives what is different from before. */
async function crashAt(at: number, point: CrashPoint, breakage: Breakage): Promise<string[]> {
  const id = await abandoned(breakage);
  let first: DriverProcess | undefined;
  site.proxy.arm({ at, point, kill: () => first!.kill() });
  first = start();
  const end = await first.ended;
  if (end !== 'SIGKILL') return [`was not killed but ended with ${end}: ${first.errors()}`];
  site.proxy.arm(undefined);
  const second = start();
  await restored(id).catch(() => undefined);
  await second.kill();
  return left(id);
}

/** Breaks it, with the copy of the ledger and with a Lease that nobody renews; gives the ledger's id. */
async function abandoned(breakage: Breakage): Promise<string> {
  const { cluster } = site.plane;
  games += 1;
  const identity = await clusterIdentity(cluster);
  const scales = await scalesOf(cluster);
  const ledger = await createClusterLedger({ cluster, clock: realClock, namespace }, [
    { type: 'opened', version: 1, game: `${games}`, cluster: identity, at: games, namespace, scales },
  ]);
  const engine = { cluster, ledger, clock: realClock, emit: () => undefined };
  await breakIt(breakage, await operationsOf(breakage, cluster), engine);
  await site.leaveLease('elsewhere_1_00000000', 5);
  return ledger.id;
}

const start = () => startDriver(driver, [site.kubeconfig, namespace, name]);

/** Waits until the guardian is done with it: restored, and nobody at it any more. */
async function restored(id: string): Promise<void> {
  const { cluster } = site.plane;
  const state = async () => {
    const ledger = (await listClusterLedgers(cluster, namespace)).find((each) => each.id === id);
    const lease = await cluster.get({ ...leases, ...leasePlace });
    return `${ledger?.entries.at(-1)?.type}, ${lease ? 'somebody' : 'nobody'} at it`;
  };
  await expect.poll(state, { timeout: 60_000, interval: 50 }).toBe('erased, nobody at it');
}

/** What is left; whoever recovers afterwards finds nothing to do. */
async function left(id: string): Promise<string[]> {
  const { cluster } = site.plane;
  const options = { ledger: { namespace, id }, cluster, clock: realClock, emit: () => undefined };
  const lease = await cluster.get({ ...leases, ...leasePlace });
  const { already, differences, conflicts } = await recover({ ...options, undoResponder: true });
  // What happened is kept there, without pre-images, for the machine that played.
  for (const { metadata } of await cluster.list({ kind: 'secret' }, { namespace }))
    await cluster.delete({ kind: 'secret', namespace, name: metadata.name });
  return [
    ...(lease ? ['the Lease was still there'] : []),
    ...(already ? [] : ['recover found something to do']),
    ...[...differences, ...conflicts].map((each) => `recover: ${JSON.stringify(each)}`),
    ...(await site.differences()),
  ];
}
