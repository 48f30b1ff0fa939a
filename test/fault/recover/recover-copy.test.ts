import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { takeLease } from '../../../src/cluster/access/lease.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { clusterIdentity } from '../../../src/cluster/identity.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { keepBaseline } from '../../../src/fault/compare/cluster-baseline.ts';
import { compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { createClusterLedger, openClusterLedger } from '../../../src/fault/ledger/cluster-ledger.ts';
import { listClusterLedgers } from '../../../src/fault/ledger/cluster-ledger-read.ts';
import type { LedgerHead } from '../../../src/fault/ledger/entry.ts';
import { createLedger, openLedger, readLedger } from '../../../src/fault/ledger/ledger.ts';
import { ledgerPair } from '../../../src/fault/ledger/pair.ts';
import { type RecoverOptions, recover } from '../../../src/fault/recover/recover.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import type { Preimage } from '../../../src/recorder/action.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { deadEntry, flood, planFor } from '../game.ts';

const namespace = 'maintenance';
const upstreams = { kind: 'configmap', namespace: 'shop', name: 'edge-upstreams' };

let plane: ControlPlane;
let cluster: Cluster;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  plane = await startControlPlane();
  cluster = plane.cluster;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(async () => {
  await plane.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const { metadata } of await cluster.list({ kind: 'secret' }, { namespace }))
    await cluster.delete({ kind: 'secret', namespace, name: metadata.name });
});

let games = 0;

/** A game with a ledger in two places that broke the shop and was never heard of again. */
async function abandoned(more: Partial<LedgerHead> = {}) {
  games += 1;
  const path = join(folder, `${games}.jsonl`);
  const before = await baseline();
  const head = { game: 'g', cluster: await clusterIdentity(cluster), at: games, namespace, ...more };
  const file = await createLedger(path, head);
  const copy = await createClusterLedger({ cluster, clock: realClock, namespace }, file.entries);
  await keepBaseline(cluster, { namespace, id: copy.id }, before);
  const ledger = ledgerPair(file, copy);
  const { operations } = await planFor(cluster, { flood, deadEntry });
  await apply(operations, { cluster, ledger, clock: realClock, emit: () => undefined });
  await ledger.close();
  return { path, id: copy.id, before, at: { namespace, id: copy.id } };
}

const baseline = () => takeBaseline(cluster, ['shop', 'batch'], { clock: realClock });
const options = (ledger: RecoverOptions['ledger'], more: Partial<RecoverOptions> = {}): RecoverOptions => ({
  ...{ ledger, cluster, clock: realClock, emit: () => undefined, leaseSeconds: 1 },
  ...more,
});
const copies = async () => await listClusterLedgers(cluster, namespace);

describe('recovering from the copy in the cluster', () => {
  it('restores without the file, verifies against the baseline kept there, and finds nothing the second time', async () => {
    const { at, before } = await abandoned();
    const verify = { baseline: 'of the cluster' as const };
    const nothing = { differences: [], conflicts: [], fromBaseline: [] };
    expect(await recover(options(at, verify))).toEqual({ ...nothing, already: false });
    expect(compare(before, await baseline())).toEqual([]);
    expect(await recover(options(at, verify))).toEqual({ ...nothing, already: true, by: 'elsewhere' });
  });

  it('is learned of by the machine that played: it changes nothing more, and the copy goes', async () => {
    const { at, path } = await abandoned();
    await recover(options(at));
    // What the fault had made, now made by somebody who wants it.
    const now = (await cluster.get(upstreams))!;
    const wanted = {
      'upstreams.yaml': `${(now.data as Record<string, string>)['upstreams.yaml']}# wanted\n`,
    };
    await cluster.patch(upstreams, 'merge', { data: wanted });
    expect(await recover(options(path))).toMatchObject({ already: true, by: 'elsewhere' });
    expect((await cluster.get(upstreams))?.data).toEqual(wanted);
    expect(await copies()).toEqual([]);
    expect((await readLedger(path)).entries.at(-1)).toMatchObject({ type: 'erased' });
    await cluster.patch(upstreams, 'merge', { data: now.data });
  });

  it('goes from the file when the copy is damaged, which is then removed', async () => {
    const { id, path, before } = await abandoned();
    const secret = { kind: 'secret', namespace, name: `maintenance-${id}-0` };
    await cluster.patch(secret, 'merge', { data: { '000001': null } });
    await expect(recover(options({ namespace, id }))).rejects.toMatchObject({ code: 'ledger-damaged' });
    expect(compare(before, await baseline())).not.toEqual([]);
    expect(await recover(options(path))).toMatchObject({ differences: [], already: false });
    expect(compare(before, await baseline())).toEqual([]);
    expect(await copies()).toEqual([]);
  });

  it.each([
    [
      'a line in the middle was changed',
      (text: string) => text.replace('"entry":{"type":"recorded"', '"entry":{"type":"recorder"'),
    ],
    ['its first line was changed', (text: string) => `x${text}`],
    ['it is empty', () => ''],
    ['its last lines are missing', (text: string) => `${text.split('\n').slice(0, 2).join('\n')}\n`],
  ])('replaces the file when %s, and both go', async (_, damage) => {
    const { id, path, before } = await abandoned({ game: 'g-damaged' });
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    const copyOf = { namespace, game: 'g-damaged' };
    const recovered = await recover(options(path, { copyOf }));
    expect(recovered).toMatchObject({ differences: [], conflicts: [], already: false });
    expect(recovered.byCopy).toMatch(/does not match its checksum|is empty|is truncated/);
    expect(compare(before, await baseline())).toEqual([]);
    expect((await copies()).map((copy) => copy.id)).not.toContain(id);
    // What is left of the file says that nothing is left to do.
    if (existsSync(path)) expect(await recover(options(path))).toMatchObject({ already: true });
  });

  it('is missed when the file is damaged and there is none: what to do is said, and nothing is changed', async () => {
    const { id, path, before, at } = await abandoned({ game: 'g-lost' });
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, `x${whole}`);
    const lost = { code: 'ledger-damaged', exitCode: 5 };
    await expect(recover(options(path, { copyOf: { namespace, game: 'another' } }))).rejects.toMatchObject({
      ...lost,
      message: expect.stringContaining('There is no copy of it in the cluster.'),
      todo: expect.stringContaining('baseline.json'),
    });
    writeFileSync(path, whole.replace('"type":"recorded"', '"type":"recorder"'));
    const secret = { kind: 'secret', namespace, name: `maintenance-${id}-0` };
    const kept = await cluster.get(secret);
    await cluster.patch(secret, 'merge', { data: { '000001': null } });
    await expect(recover(options(path))).rejects.toMatchObject({
      ...lost,
      message: expect.stringContaining('is damaged'),
    });
    expect(compare(before, await baseline())).not.toEqual([]);
    await cluster.patch(secret, 'merge', { data: kept!.data });
    await recover(options(at));
  });

  it('refuses one of another cluster, as a backup would bring it, before anything is touched', async () => {
    const identity = { uid: 'another', server: 'https://elsewhere' };
    const { at, path, before } = await abandoned({ cluster: identity });
    await expect(recover(options(at))).rejects.toMatchObject({ code: 'other-cluster', exitCode: 3 });
    expect(compare(before, await baseline())).not.toEqual([]);
    const { entries } = await readLedger(path);
    const engine = { cluster, clock: realClock, emit: () => undefined };
    const [copy] = await copies();
    const ledger = openClusterLedger({ cluster, clock: realClock, namespace }, copy!);
    expect(entries.length).toBe(ledger.entries.length);
    await revert({ ...engine, ledger }, { undoResponder: false });
    expect(compare(before, await baseline())).toEqual([]);
  });

  it('refuses while the game runs', async () => {
    const { at, before } = await abandoned();
    const lease = await takeLease({ cluster, clock: realClock, seconds: 1 });
    await expect(recover(options(at))).rejects.toMatchObject({ code: 'other-game' });
    expect(compare(before, await baseline())).not.toEqual([]);
    await lease.release();
    await recover(options(at));
  });

  it('is done by one of two that start together, and the other finds it done or is refused', async () => {
    const { at, path, before } = await abandoned();
    const results = await Promise.allSettled([recover(options(at)), recover(options(path))]);
    const done = results.filter((one) => one.status === 'fulfilled');
    expect(done.length).toBeGreaterThan(0);
    for (const one of results)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'other-game' });
    expect(compare(before, await baseline())).toEqual([]);
  });
});

describe('verifying a recovery', () => {
  it('names what a responder changed outside of the namespaces that were played on', async () => {
    const { path } = await abandoned();
    const ledger = await openLedger(path);
    const metadata = { name: 'elsewhere', namespace: 'default' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } };
    const before = await cluster.create(object);
    const ref = { kind: 'configmap', namespace: 'default', name: 'elsewhere' };
    await cluster.patch(ref, 'merge', { data: { a: '2' } });
    const head = { who: 'alex', actionId: 'x', sequence: 1, verb: 'patch', at: 0 };
    const what = { apiVersion: 'v1', resource: 'configmaps', namespace: 'default', name: 'elsewhere' };
    await ledger.append({ type: 'responder', preimage: { ...head, ...what, before } as unknown as Preimage });
    await ledger.close();
    const { fromBaseline } = await recover(options(path, { baseline: 'of the cluster' }));
    expect(fromBaseline).toEqual(['configmap/default/elsewhere data.a: was "1", is "2"']);
    await cluster.delete(ref);
  });
});
