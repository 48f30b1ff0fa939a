import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster, ClusterObject, Ref } from '../../../src/cluster/cluster.ts';
import { recreatable } from '../../../src/cluster/fields/server-fields.ts';
import { refOf } from '../../../src/cluster/ref.ts';
import { replace } from '../../../src/fault/revert/replace.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { bench } from '../bench.ts';
import { respond } from '../responder.ts';

const inShop = (name: string) => ({ name, namespace: 'shop' });
const labels = (app: string) => ({ app });

const on = bench();
beforeAll(async () => {
  for (const object of standing) await on.cluster.create(object);
});

const pod = (app: string, image = 'shop/worker') => ({
  metadata: { labels: labels(app) },
  spec: { containers: [{ name: 'main', image }] },
});
const standing: ClusterObject[] = [
  {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: inShop('till') },
    spec: { selector: labels('till'), ports: [{ port: 80 }] },
  },
  {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: inShop('till') },
    spec: { replicas: 1, selector: { matchLabels: labels('till') }, template: pod('till') },
  },
  {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: inShop('till') },
    spec: {
      suspend: true,
      template: { ...pod('x'), spec: { ...pod('x').spec, restartPolicy: 'Never' } },
    },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: inShop('till'), type: 'Opaque', data: { a: 'YQ==' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: inShop('till'), immutable: true, data: { a: '1' } },
];

/** How a responder makes each of them anew, so that no patch leads back. */
const remade: Record<string, (object: ClusterObject) => ClusterObject> = {
  Service: ({ spec, ...rest }) => {
    const { clusterIP: _ip, clusterIPs: _ips, ...kept } = spec as Record<string, unknown>;
    return { ...rest, spec: kept };
  },
  Deployment: (object) => ({
    ...object,
    spec: { replicas: 1, selector: { matchLabels: labels('other') }, template: pod('other') },
  }),
  Job: (object) => ({
    ...object,
    spec: {
      suspend: true,
      template: { ...pod('x', 'shop/edge'), spec: { ...pod('x', 'shop/edge').spec, restartPolicy: 'Never' } },
    },
  }),
  Secret: (object) => ({ ...object, type: 'example.org/till' }),
  ConfigMap: (object) => ({ ...object, data: { a: '2' } }),
};

describe('what no patch can put back', () => {
  it.each(standing)('case S3: a $kind that was made anew comes back as it was', async (object) => {
    const ref = refOf(object);
    const there = recreatable((await on.cluster.get(ref))!);
    const responder = await respond(on.plane, on.game.ledger);
    await responder.delete(ref);
    await gone(ref);
    await responder.create(remade[object.kind]!(there));
    expect(await on.differences()).not.toEqual([]);
    await on.mend();
  });

  it('case Q10: a Service that the fault deleted and the responder made again has its address again', async () => {
    const ref: Ref = { kind: 'service', namespace: 'shop', name: 'worker' };
    const { clusterIP } = (await on.cluster.get(ref))!.spec as { clusterIP: string };
    await breakService(ref);
    expect(await revert(on.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    expect((await on.cluster.get(ref))!.spec).toMatchObject({ clusterIP });
    expect(await on.differences()).toEqual([]);
  });

  it.each(['before', 'after'])('is created %s a crash that came when it was just deleted', async (when) => {
    const ref: Ref = { kind: 'service', namespace: 'shop', name: 'worker' };
    await breakService(ref);
    // The process dies once its deletion has arrived, or once its creation has.
    const create: Cluster['create'] = async (object, options, signal) => {
      if (options?.dryRun) return await on.cluster.create(object, options, signal);
      if (when === 'after') await on.cluster.create(object, options, signal);
      throw new Error('killed');
    };
    const dying = new Proxy(on.cluster, {
      get(target, key) {
        if (key === 'create') return create;
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const attempt = revert({ ...on.game.engine, cluster: dying }, { undoResponder: true });
    await expect(attempt).rejects.toThrow('killed');
    await on.mend();
  });

  it('is left to a person where a stranger has changed it since, and both their answers work', async () => {
    const ref: Ref = { kind: 'service', namespace: 'shop', name: 'worker' };
    await breakService(ref);
    const stranger = await on.plane.other();
    await stranger.patch(ref, 'merge', { metadata: { labels: { seen: 'by-wati' } } });
    const open = await revert(on.game.engine, { undoResponder: true });
    expect(open.differences).toEqual([]);
    expect(open.conflicts.join('\n')).toMatch(
      /services?\/shop\/worker spec\.clusterIP: was "?[\d.]+"?, is "?[\d.]+"?, and cannot be put back: .*may not change once set.*Somebody else has changed it since/,
    );
    const kept = await revert(on.game.engine, { undoResponder: true, decide: async () => 'theirs' });
    expect(kept).toEqual({ differences: [], conflicts: [] });
    const ours = await revert(on.game.engine, { undoResponder: true, decide: async () => 'ours' });
    expect(ours).toEqual({ differences: [], conflicts: [] });
    await on.cluster.patch(ref, 'merge', { metadata: { labels: { seen: null } } });
    expect(await on.differences()).toEqual([]);
  });

  it.each([
    ['v1', 'PersistentVolumeClaim', {}],
    ['v1', 'Namespace', {}],
    ['example.org/v1', 'Database', {}],
    ['apps/v1', 'StatefulSet', { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } }],
  ])('is never deleted where data would go with it: %s %s', async (apiVersion, kind, spec) => {
    const now: ClusterObject = { apiVersion, kind, metadata: { ...inShop('till'), uid: 'a' }, spec };
    const wanted = { target: now, conflicts: [], notes: [], isKnown: true };
    const refused = { ref: refOf(now), now, wanted, said: 'it may not change' };
    const why = await replace(refused, { side: 'ours' }, on.game.engine);
    expect(why).toBe(`it may not change. A ${kind} is never deleted and created again`);
    expect(on.game.ledger.entries.map(({ type }) => type)).toEqual(['opened']);
  });
});

/** The fault deletes it, and the responder makes it again, which gives it another address. */
async function breakService(ref: Ref): Promise<void> {
  const found = recreatable((await on.cluster.get(ref))!);
  await on.begin({
    gone: { service: { service: 'service/shop/worker', becomes: 'deleted' } },
  });
  const responder = await respond(on.plane, on.game.ledger);
  await responder.create(remade.Service!(found));
}

async function gone(ref: Ref): Promise<void> {
  await expect.poll(() => on.cluster.get(ref), { timeout: 10_000 }).toBeUndefined();
}
