import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock, seededRandom } from '../../../src/clock.ts';
import { leasePlace, newHolder, takeLease } from '../../../src/cluster/access/lease.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { clusterIdentity } from '../../../src/cluster/identity.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { guardianName } from '../../../src/fault/guardian/settings.ts';
import { watch } from '../../../src/fault/guardian/watch.ts';
import { createClusterLedger } from '../../../src/fault/ledger/cluster-ledger.ts';
import { listClusterLedgers } from '../../../src/fault/ledger/cluster-ledger-read.ts';
import { createLedger } from '../../../src/fault/ledger/ledger.ts';
import { ledgerPair } from '../../../src/fault/ledger/pair.ts';
import { recover } from '../../../src/fault/recover/recover.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { deadEntry, flood, planFor } from '../game.ts';

const namespace = 'maintenance';
const played = ['shop', 'batch'];
const leaseRef = { kind: 'lease', group: 'coordination.k8s.io', ...leasePlace };
const leaseKind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
const guardians = ['game', 'installed'].map((mode) => guardianName(mode as 'game' | 'installed'));

let plane: ControlPlane;
let cluster: Cluster;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'one-writer-'));
  plane = await startControlPlane();
  cluster = plane.cluster;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const name of guardians)
    await cluster.create({ ...leaseKind, metadata: { name, namespace }, spec: {} });
});
afterAll(async () => {
  await plane.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A write into the namespaces that are played on, as its sender sees it; ms. */
interface Write {
  who: string;
  sent: number;
  answered: number;
}

/** The cluster at the end of a line of changing length, which writes down who writes when. */
function audited(who: string, random: () => number, writes: Write[]): Cluster {
  return new Proxy(cluster, {
    get(target, property: keyof Cluster) {
      const value = target[property] as unknown;
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const sent = performance.now();
        await realClock.sleep(random() * 60);
        const result = await value.apply(target, args);
        const isWrite = ['create', 'replace', 'patch', 'delete'].includes(property);
        if (isWrite && played.includes(namespaceOf(args[0])))
          writes.push({ who, sent, answered: performance.now() });
        return result;
      };
    },
  });
}

function namespaceOf(target: unknown): string {
  const { namespace, metadata } = target as { namespace?: string; metadata?: { namespace?: string } };
  return namespace ?? metadata?.namespace ?? '';
}

/** A game with a ledger in two places whose conductor was killed; its Lease stays as it was. */
async function killedGame(path: string): Promise<void> {
  const head = { game: 'g', cluster: await clusterIdentity(cluster), at: Date.now(), namespace };
  const file = await createLedger(path, head);
  const copy = await createClusterLedger({ cluster, clock: realClock, namespace }, file.entries);
  const ledger = ledgerPair(file, copy);
  const { pid } = spawnSync('true');
  const holder = `${hostname()}_${pid}_00000000`;
  const lease = await takeLease({ cluster, clock: realClock, seconds: 2, holder });
  const { operations } = await planFor(cluster, { flood, deadEntry });
  await apply(operations, { cluster, ledger, clock: realClock, emit: () => undefined });
  await ledger.close();
  const { spec } = (await cluster.get(leaseRef))!;
  await lease.release();
  const { name, namespace: leaseNamespace } = leasePlace;
  await cluster.create({ ...leaseKind, metadata: { name, namespace: leaseNamespace }, spec });
}

const baseline = () => takeBaseline(cluster, played, { clock: realClock });

describe('two guardians and two `recover`s that start together', () => {
  it.each([1, 2, 3, 4, 5])('never write beside each other, and all is put back (delays %i)', async (seed) => {
    const before = await baseline();
    const path = join(folder, `${seed}.jsonl`);
    await killedGame(path);
    expect(compare(before, await baseline())).not.toEqual([]);
    const [copy] = await listClusterLedgers(cluster, namespace);

    const random = seededRandom(seed);
    const writes: Write[] = [];
    const stop = new AbortController();
    const watching = guardians.map((name) =>
      watch({
        ...{ cluster: audited(name, random, writes), clock: realClock, signal: stop.signal },
        ...{ namespace, name, holder: newHolder(), log: () => undefined },
      }),
    );
    const recovering = [path, { namespace, id: copy!.id }].map(async (ledger, index) => {
      // Around the moment at which the guardians lose their patience.
      await realClock.sleep(1_500 + random() * 2_000);
      const who = `recover ${index}`;
      const options = { clock: realClock, emit: () => undefined, leaseSeconds: 2 };
      await recover({ ...options, ledger, cluster: audited(who, random, writes) });
    });
    try {
      const refused = (await Promise.allSettled(recovering)).filter((one) => one.status === 'rejected');
      // Or it came when all was done and the copy gone.
      for (const { reason } of refused)
        expect(reason).toMatchObject({
          code: expect.stringMatching(/^(other-game|lease-lost|ledger-missing)$/),
        });
      await expect.poll(async () => compare(before, await baseline()), { timeout: 30_000 }).toEqual([]);
    } finally {
      stop.abort();
      await Promise.all(watching);
    }

    expect(writes.length).toBeGreaterThan(0);
    expect(beside(writes)).toEqual([]);
    console.info(`${writes.length} writes by ${[...new Set(writes.map(({ who }) => who))].join(', ')}`);
    await cluster.delete(leaseRef);
    for (const { metadata } of await cluster.list({ kind: 'secret' }, { namespace }))
      await cluster.delete({ kind: 'secret', namespace, name: metadata.name });
  });
});

/** Pairs of writes by different senders of which one was under way while the other was. */
function beside(writes: readonly Write[]): [Write, Write][] {
  return writes.flatMap((one, index) =>
    writes
      .slice(index + 1)
      .filter((two) => one.who !== two.who && one.sent < two.answered && two.sent < one.answered)
      .map((two): [Write, Write] => [one, two]),
  );
}
