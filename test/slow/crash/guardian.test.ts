import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { realClock } from '../../../src/clock.ts';
import { createClusterLedger } from '../../../src/fault/cluster-ledger.ts';
import { listClusterLedgers } from '../../../src/fault/cluster-ledger-read.ts';
import { type Baseline, compare, takeBaseline } from '../../../src/fault/compare.ts';
import { guardianName } from '../../../src/fault/guardian/settings.ts';
import { clusterIdentity } from '../../../src/fault/identity.ts';
import { leasePlace } from '../../../src/fault/lease.ts';
import { recover } from '../../../src/fault/recover.ts';
import { createCertificates } from '../../../src/sandbox/apiserver/certificates.ts';
import { type ControlPlane, startControlPlane } from '../../fault/control-plane.ts';
import { breakages, breakIt, operationsOf } from './breakages.ts';
import { type Breakage, bundleDriver, type DriverProcess, startDriver } from './engine-process.ts';
import { crashAtEach } from './matrix.ts';
import { type CountingProxy, type CrashPoint, startCountingProxy } from './proxy.ts';
import { OutsideWorld } from './run-operation.ts';

/** Each takes some seconds of silence: of each part a third as many as elsewhere. */
const most = Math.ceil(Number(process.env.MISFORTUNE_CRASH_POINTS ?? Number.POSITIVE_INFINITY) / 3);
const namespace = 'maintenance';
const name = guardianName('game');
const leaseGroup = 'coordination.k8s.io';
const world = new OutsideWorld();

let plane: ControlPlane;
let proxy: CountingProxy;
let driver: string;
let kubeconfig: string;
let before: Baseline;
let games = 0;

beforeAll(async () => {
  plane = await startControlPlane({ onPod: world.onPod, logs: world.logs });
  await plane.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const certificates = await createCertificates();
  proxy = await startCountingProxy({ url: plane.server.url, caPem: plane.server.caPem }, certificates);
  driver = await bundleDriver('guardian-driver', plane.server.folder);
  kubeconfig = join(plane.server.folder, 'proxied.kubeconfig');
  const config = parse(readFileSync(plane.server.kubeconfig, 'utf8'));
  config.clusters[0].cluster = {
    server: proxy.url,
    'certificate-authority-data': Buffer.from(certificates.caPem).toString('base64'),
  };
  writeFileSync(kubeconfig, stringify(config), { mode: 0o600 });
  await plane.cluster.create(lease(namespace, name, {}));
  before = await baseline();
}, 120_000);
afterAll(async () => {
  await proxy.close();
  await plane.close();
});

describe.each(breakages(world))('$what, and a guardian', ({ what, breakage }) => {
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
  proxy.arm(undefined);
  const guardian = start();
  await restored(id);
  const writes = [...proxy.writes];
  await guardian.kill();
  expect(await left(id)).toEqual([]);
  return writes;
}

/** Kills a guardian at a write, lets the next one finish, and gives what is different from before. */
async function crashAt(at: number, point: CrashPoint, breakage: Breakage): Promise<string[]> {
  const id = await abandoned(breakage);
  let first: DriverProcess | undefined;
  proxy.arm({ at, point, kill: () => first!.kill() });
  first = start();
  const end = await first.ended;
  if (end !== 'SIGKILL') return [`was not killed but ended with ${end}: ${first.errors()}`];
  proxy.arm(undefined);
  const second = start();
  await restored(id).catch(() => undefined);
  await second.kill();
  return left(id);
}

/** Breaks it, with the copy of the ledger and with a Lease that nobody renews; gives the ledger's id. */
async function abandoned(breakage: Breakage): Promise<string> {
  const { cluster } = plane;
  games += 1;
  const identity = await clusterIdentity(cluster);
  const ledger = await createClusterLedger({ cluster, clock: realClock, namespace }, [
    { type: 'opened', version: 1, game: `${games}`, cluster: identity, at: games, namespace },
  ]);
  await breakIt(breakage, await operationsOf(breakage, cluster), {
    ...{ cluster, ledger, clock: realClock, emit: () => undefined },
  });
  await cluster.create(
    lease(leasePlace.namespace, leasePlace.name, {
      ...{ holderIdentity: 'elsewhere_1_00000000', leaseDurationSeconds: 5 },
      renewTime: `${new Date().toISOString().slice(0, -1)}000Z`,
    }),
  );
  return ledger.id;
}

const lease = (at: string, called: string, spec: object) => ({
  ...{ apiVersion: `${leaseGroup}/v1`, kind: 'Lease', metadata: { namespace: at, name: called } },
  spec,
});

const start = () => startDriver(driver, [kubeconfig, namespace, name]);

/** Waits until the guardian is done with it: restored, and nobody at it any more. */
async function restored(id: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const ledger = (await listClusterLedgers(plane.cluster, namespace)).find((each) => each.id === id);
        return `${ledger?.entries.at(-1)?.type}, ${(await holderOf()) ?? 'nobody at it'}`;
      },
      { timeout: 60_000, interval: 50 },
    )
    .toBe('erased, nobody at it');
}

async function holderOf(): Promise<string | undefined> {
  const found = await plane.cluster.get({ kind: 'lease', group: leaseGroup, ...leasePlace });
  return (found?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;
}

/** What is left, also when somebody recovers afterwards: who finds nothing to do but to take the ledger away. */
async function left(id: string): Promise<string[]> {
  const { cluster } = plane;
  const options = { ledger: { namespace, id }, cluster, clock: realClock, emit: () => undefined };
  const holder = await holderOf();
  const { already, differences, conflicts } = await recover({ ...options, undoResponder: true });
  for (const { metadata } of await cluster.list({ kind: 'secret' }, { namespace }))
    await cluster.delete({ kind: 'secret', namespace, name: metadata.name });
  return [
    ...(holder ? [`${holder} still has the Lease`] : []),
    ...(already ? [] : ['recover found something to do']),
    ...[...differences, ...conflicts].map((each) => `recover: ${JSON.stringify(each)}`),
    ...compare(before, await baseline()),
    ...(world.state === 'original' ? [] : [`what the Jobs changed is ${world.state}`]),
  ];
}

function baseline(): Promise<Baseline> {
  return takeBaseline(plane.cluster, ['shop', 'batch'], { clock: realClock });
}
