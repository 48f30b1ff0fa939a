import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { type GameLease, leasePlace, newHolder, takeLease } from '../../../src/cluster/access/lease.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { clusterIdentity } from '../../../src/cluster/identity.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { waitAcknowledged } from '../../../src/fault/guardian/bring.ts';
import { type GuardianSettings, guardianName } from '../../../src/fault/guardian/settings.ts';
import { watch } from '../../../src/fault/guardian/watch.ts';
import { type ClusterLedger, createClusterLedger } from '../../../src/fault/ledger/cluster-ledger.ts';
import { listClusterLedgers } from '../../../src/fault/ledger/cluster-ledger-read.ts';
import type { LedgerHead } from '../../../src/fault/ledger/entry.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { deadEntry, flood, planFor } from '../game.ts';

const namespace = 'maintenance';
/** Seconds: a busy machine renews its Lease late. */
const silence = 5;
const name = guardianName('game');
const settings: GuardianSettings = {
  mode: 'game',
  namespace,
  image: 'node:20-slim',
  imagePullSecrets: [],
  after: silence,
};
const leaseRef = { kind: 'lease', group: 'coordination.k8s.io', ...leasePlace };
const leaseKind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };

let plane: ControlPlane;
let cluster: Cluster;
let stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  plane = await startControlPlane();
  cluster = plane.cluster;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(() => plane.close());
beforeEach(async () => {
  await cluster.create({ ...leaseKind, metadata: { name, namespace }, spec: {} });
});
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
  await cluster.delete({ ...leaseRef, namespace, name });
  await cluster.delete(leaseRef);
  for (const { metadata } of await cluster.list({ kind: 'secret' }, { namespace }))
    await cluster.delete({ kind: 'secret', namespace, name: metadata.name });
});

/** A guardian as its pod runs it; gives its end, which is that of a pod that is deleted. */
function startGuardian(): { said: string[]; end(): Promise<void> } {
  const stop = new AbortController();
  const said: string[] = [];
  const holder = newHolder();
  const log = (line: string) => void said.push(line);
  const over = watch({ cluster, clock: realClock, signal: stop.signal, namespace, name, holder, log });
  const end = async () => {
    stop.abort();
    await over;
  };
  stops.push(end);
  return { said, end };
}

/** A game without its phases, whose conductor can be killed: then nobody renews the Lease, and it stays. */
async function startGame(more: Partial<LedgerHead> = {}) {
  const head = { game: 'g', cluster: await clusterIdentity(cluster), at: Date.now(), namespace, ...more };
  const ledger = await createClusterLedger({ cluster, clock: realClock, namespace }, [
    { type: 'opened', version: 1, ...head },
  ]);
  const lease = await takeLease({ cluster, clock: realClock, seconds: silence });
  const play = async (faults: Parameters<typeof planFor>[1]) => {
    const { operations } = await planFor(cluster, faults);
    await apply(operations, { cluster, ledger, clock: realClock, emit: () => undefined });
  };
  return { ledger, lease, play };
}

/** What kill -9 leaves: the Lease as it is, and nobody who renews it. */
async function kill(lease: GameLease): Promise<void> {
  const { spec } = (await cluster.get(leaseRef))!;
  await lease.release();
  const { name: leaseName, namespace: leaseNamespace } = leasePlace;
  await cluster.create({ ...leaseKind, metadata: { name: leaseName, namespace: leaseNamespace }, spec });
}

const acknowledged = ({ sum }: ClusterLedger) =>
  waitAcknowledged(sum, settings, { cluster, clock: realClock });
const erased = () =>
  expect
    .poll(async () => (await listClusterLedgers(cluster, namespace))[0]?.entries.at(-1)?.type, {
      timeout: 30_000,
      interval: 100,
    })
    .toBe('erased');
const baseline = () => takeBaseline(cluster, ['shop', 'batch'], { clock: realClock });

describe('a guardian', () => {
  it('acknowledges the ledger, watches as long as the heartbeat goes on, and restores when it stops', async () => {
    const before = await baseline();
    const game = await startGame();
    startGuardian();
    await acknowledged(game.ledger);
    await game.play({ flood, deadEntry });
    // Longer than the silence that it bears.
    await realClock.sleep((silence + 1) * 1000);
    expect(compare(before, await baseline())).not.toEqual([]);
    await kill(game.lease);
    const killed = performance.now();
    await erased();
    console.info(
      `restored ${((performance.now() - killed) / 1000).toFixed(1)} s after the kill, silence ${silence} s`,
    );
    expect(compare(before, await baseline())).toEqual([]);
    expect(await cluster.get(leaseRef)).toBeUndefined();
  });

  it('counts the silence that a pod before it has seen', async () => {
    const game = await startGame();
    const first = startGuardian();
    await game.play({ deadEntry });
    await kill(game.lease);
    const spec = { leaseDurationSeconds: 12 };
    await cluster.patch(leaseRef, 'merge', { spec });
    const silent = performance.now();
    await expect
      .poll(
        async () => {
          const lease = await cluster.get({ ...leaseRef, namespace, name });
          return Number(lease?.metadata.annotations?.['maintenance/observed']?.split(' ')[1]);
        },
        { timeout: 20_000, interval: 200 },
      )
      .toBeGreaterThan(5000);
    await first.end();
    startGuardian();
    await erased();
    const seconds = (performance.now() - silent) / 1000;
    expect(seconds).toBeGreaterThan(12);
    expect(seconds).toBeLessThan(12 + 5);
  });

  it('says what it may not do instead of acknowledging', async () => {
    const limited = await plane.limited();
    const needs = [{ verb: 'patch', group: '', resource: 'configmaps', namespace: 'shop', name: 'x' }];
    const game = await startGame({ needs });
    const seesAll = new Proxy(cluster, {
      get(target, property: keyof Cluster) {
        const owner = property === 'can' ? limited : target;
        const value = owner[property] as unknown;
        return typeof value === 'function' ? value.bind(owner) : value;
      },
    });
    const stop = new AbortController();
    const options = { cluster: seesAll, clock: realClock, signal: stop.signal, namespace, name };
    const over = watch({ ...options, holder: newHolder(), log: () => undefined });
    await expect(acknowledged(game.ledger)).rejects.toMatchObject({
      code: 'no-guardian',
      message: expect.stringContaining('patch configmaps x in shop'),
    });
    stop.abort();
    await over;
    await game.lease.release();
  });

  it('closes the ledger of one that had put back all of it and died before it could, and undoes nothing again', async () => {
    const game = await startGame();
    const { ledger } = game;
    const upstreams = { kind: 'configmap', namespace: 'shop', name: 'edge-upstreams' };
    const dataOf = async () => (await cluster.get(upstreams))!.data as Record<string, string>;
    const original = await dataOf();
    await game.play({ deadEntry });
    const broken = await dataOf();
    const engine = { cluster, ledger, clock: realClock, emit: () => undefined };
    await revert(engine, { undoResponder: false, by: 'guardian' });
    expect(await dataOf()).toEqual(original);
    // Somebody wants it like that, now.
    await cluster.patch(upstreams, 'merge', { data: broken });
    await kill(game.lease);
    startGuardian();
    await erased();
    expect(await dataOf()).toEqual(broken);
    await cluster.patch(upstreams, 'merge', { data: original });
  });

  it('leaves what somebody else changed since, and what a person has to decide', async () => {
    const before = await baseline();
    const game = await startGame();
    startGuardian();
    await game.play({ flood, deadEntry });
    const worker = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'worker' };
    await cluster.patch(worker, 'merge', { spec: { replicas: 7 } });
    await kill(game.lease);
    await erased();
    expect(compare(before, await baseline())).toEqual([
      expect.stringMatching(/worker spec.replicas: was \d, is 7/),
    ]);
    await cluster.patch(worker, 'merge', { spec: { replicas: 1 } });
  });
});
