import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { takeLease } from '../../../src/cluster/access/lease.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { createLedger } from '../../../src/fault/ledger/ledger.ts';
import { type RecoverOptions, recover } from '../../../src/fault/recover/recover.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { deadEntry, flood, planFor, startTestGame } from '../game.ts';
import { respond } from '../responder.ts';

let plane: ControlPlane;
let cluster: Cluster;

beforeAll(async () => {
  plane = await startControlPlane();
  cluster = plane.cluster;
});
afterAll(() => plane.close());

const options = (ledger: string, more: Partial<RecoverOptions> = {}): RecoverOptions => ({
  ...{ ledger, cluster, clock: realClock, emit: () => undefined, undoResponder: true, leaseSeconds: 1 },
  ...more,
});

describe('recovering', () => {
  it('restores a game that was left, says so, and finds nothing the second time', async () => {
    const before = await takeBaseline(cluster, ['shop', 'batch'], { clock: realClock });
    const game = await startTestGame(cluster);
    await apply((await planFor(cluster, { flood, deadEntry })).operations, game.engine);
    const first = await recover(options(game.ledgerFile, { baseline: before }));
    expect(first).toEqual({ differences: [], conflicts: [], already: false, fromBaseline: [] });
    expect(await recover(options(game.ledgerFile))).toMatchObject({ already: true });
    await game.end();
  });

  it('does not miss what the game itself had made and a responder deleted', async () => {
    const before = await takeBaseline(cluster, ['shop', 'batch'], { clock: realClock });
    const game = await startTestGame(cluster);
    await apply((await planFor(cluster, { flood })).operations, game.engine);
    const job = game.ledger.entries.flatMap((entry) =>
      entry.type === 'recorded' && entry.operation.ref.kind === 'job' ? entry.operation.ref : [],
    );
    expect(job).toHaveLength(1);
    await (await respond(plane, game.ledger)).delete(job[0]!);
    const recovered = await recover(options(game.ledgerFile, { baseline: before }));
    expect(recovered).toMatchObject({ differences: [], fromBaseline: [] });
    await game.end();
  });

  it('shows what is different from before the game though it is not ours', async () => {
    const before = await takeBaseline(cluster, ['shop', 'batch'], { clock: realClock });
    const game = await startTestGame(cluster);
    await apply((await planFor(cluster, { deadEntry })).operations, game.engine);
    const worker = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'worker' };
    const { replicas } = (await cluster.get(worker))!.spec as { replicas: number };
    await cluster.patch(worker, 'merge', { spec: { replicas: 7 } });
    const { fromBaseline } = await recover(options(game.ledgerFile, { baseline: before }));
    expect(fromBaseline).toEqual([`deployment.apps/shop/worker spec.replicas: was ${replicas}, is 7`]);
    await cluster.patch(worker, 'merge', { spec: { replicas } });
    await game.end();
  });

  it('refuses a ledger of another cluster, before anything is touched', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    const file = join(folder, 'ledger.jsonl');
    const elsewhere = { uid: randomUUID(), server: 'https://elsewhere' };
    await (await createLedger(file, { game: 'g', cluster: elsewhere, at: 0 })).close();
    await expect(recover(options(file))).rejects.toMatchObject({ code: 'other-cluster', exitCode: 3 });
    rmSync(folder, { recursive: true });
  });

  it('refuses while the game still runs', async () => {
    const game = await startTestGame(cluster);
    const lease = await takeLease({ cluster, clock: realClock, seconds: 1 });
    await expect(recover(options(game.ledgerFile))).rejects.toMatchObject({ code: 'other-game' });
    await lease.release();
    await game.end();
  });
});

describe('comparing with a baseline', () => {
  it('tells that a Secret changed without holding its values', async () => {
    const ref = { kind: 'secret', namespace: 'shop', name: 'password' };
    const data = (text: string) => ({ data: { password: Buffer.from(text).toString('base64') } });
    await cluster.create({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'password', namespace: 'shop' } },
      ...data('hunter2'),
    });
    const before = await takeBaseline(cluster, ['shop'], { clock: realClock });
    expect(JSON.stringify(before)).not.toContain(data('hunter2').data.password);
    await cluster.patch(ref, 'merge', data('hunter3'));
    const after = await takeBaseline(cluster, ['shop'], { clock: realClock });
    expect(compare(before, after)).toEqual([
      expect.stringContaining('secret/shop/password data.password: was'),
    ]);
    await cluster.delete(ref);
  });

  it('sees what is there and was not, and the other way round', async () => {
    const before = await takeBaseline(cluster, ['shop'], { clock: realClock });
    await cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'new', namespace: 'shop' },
    });
    const after = await takeBaseline(cluster, ['shop'], { clock: realClock });
    expect(compare(before, after)).toEqual(['configmap/shop/new: did not exist and now does']);
    expect(compare(after, before)).toEqual(['configmap/shop/new: existed and no longer does']);
  });
});
