import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { stackText } from '../../src/cli/commands/stack.ts';
import { realClock } from '../../src/clock.ts';
import { takeLease } from '../../src/cluster/access/lease.ts';
import type { ClusterObject } from '../../src/cluster/cluster.ts';
import { waitAvailable } from '../../src/stack/available.ts';
import { deployStack } from '../../src/stack/deploy.ts';
import { removeStack } from '../../src/stack/remove.ts';
import { type ControlPlane, startControlPlane } from '../fault/control-plane.ts';

const shopOf = async (...limits: string[]): Promise<ClusterObject[]> =>
  parseAllDocuments(await stackText('print', { limits })).map((document) => document.toJS() as ClusterObject);

const kubectl = 'kubectl --context=staging';

let plane: ControlPlane;
let shop: ClusterObject[];
beforeAll(async () => {
  shop = await shopOf();
});
beforeEach(async () => {
  plane = await startControlPlane({ empty: true });
});
afterEach(() => plane.close());

const deploy = (objects = shop, signal?: AbortSignal) =>
  deployStack({ objects, cluster: plane.cluster, kubectl, signal });
/** The sandbox lets its responders into every namespace: for this product a stranger's RoleBinding like any other. */
const remove = async () => {
  for (const namespace of ['shop', 'batch'])
    await plane.cluster.delete({ kind: 'rolebinding', namespace, name: 'oncall' });
  return removeStack({ objects: shop, cluster: plane.cluster, clock: realClock, seconds: 20 });
};
const done = (all: { ref: string; done: string }[], word: string) =>
  all.filter((each) => each.done === word).map(({ ref }) => ref);
const inCluster = async () =>
  Promise.all(shop.map(({ kind, metadata }) => plane.cluster.get({ kind: kind.toLowerCase(), ...metadata })));
const namespaceOf = (name: string, labels?: Record<string, string>): ClusterObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});
const opened = { 'misfortune.dev/game-days': 'allowed' };
const theirs: ClusterObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'edge-upstreams', namespace: 'shop', labels: { 'app.kubernetes.io/part-of': 'shop' } },
  data: { theirs: 'yes' },
};

describe('deploying the shop', () => {
  it('creates its namespaces with the label that opens them, waits until all is available, and changes nothing the second time', async () => {
    const first = await deploy();
    expect(done(first, 'created')).toHaveLength(shop.length);
    const { cluster } = plane;
    const seen: string[] = [];
    const late = await waitAvailable({
      ...{ objects: shop, cluster, clock: realClock, seconds: 30 },
      onProgress: (available, all) => seen.push(`${available}/${all}`),
    });
    expect(late).toEqual([]);
    const workloads = shop.filter(({ kind }) => /^(Deployment|StatefulSet)$/.test(kind)).length;
    expect(seen.at(-1)).toBe(`${workloads}/${workloads}`);
    const namespace = await cluster.get({ kind: 'namespace', name: 'batch' });
    expect(namespace?.metadata.labels).toMatchObject(opened);
    expect(done(await deploy(), 'unchanged')).toHaveLength(shop.length);
  });

  it('changes only what is to be different', async () => {
    await deploy();
    const again = await deploy(await shopOf('checkout=cpu=250m'));
    expect(again.filter((each) => each.done !== 'unchanged')).toEqual([
      { ref: 'deployment.apps/shop/checkout', done: 'changed' },
    ]);
  });

  it('goes on where it was interrupted', async () => {
    const interrupt = new AbortController();
    const onDone = () => interrupt.abort(new Error('Ctrl-C'));
    const { signal } = interrupt;
    await expect(
      deployStack({ objects: shop, cluster: plane.cluster, kubectl, signal, onDone }),
    ).rejects.toThrow('Ctrl-C');
    const rest = await deploy();
    expect(done(rest, 'unchanged')).toEqual(['namespace/shop']);
    expect(done(rest, 'created')).toHaveLength(shop.length - 1);
  });

  it('changes nothing on a dry run, in a new cluster or over a running shop', async () => {
    const { cluster } = plane;
    const dryRun = true;
    expect(done(await deployStack({ objects: shop, cluster, kubectl, dryRun }), 'created')).toHaveLength(
      shop.length,
    );
    expect((await inCluster()).filter(Boolean)).toEqual([]);
    await deploy();
    const before = await cluster.get({ kind: 'deployment', namespace: 'shop', name: 'checkout' });
    const objects = await shopOf('checkout=cpu=250m');
    expect(done(await deployStack({ objects, cluster, kubectl, dryRun }), 'changed')).toEqual([
      'deployment.apps/shop/checkout',
    ]);
    const after = await cluster.get({ kind: 'deployment', namespace: 'shop', name: 'checkout' });
    expect(after?.spec).toEqual(before?.spec);
  });

  it('says why a Deployment is not available', async () => {
    await deploy();
    const refused = { requests: { cpu: '500' }, limits: { cpu: '500' } };
    const [checkout] = shop.filter(
      ({ metadata, kind }) => metadata.name === 'checkout' && kind === 'Deployment',
    );
    await plane.cluster.patch({ kind: 'deployment', namespace: 'shop', name: 'checkout' }, 'strategic', {
      spec: { template: { spec: { containers: [{ name: 'checkout', resources: refused }] } } },
    });
    const { cluster } = plane;
    const late = await waitAvailable({ objects: [checkout!], cluster, clock: realClock, seconds: 2 });
    expect(late).toEqual([expect.stringMatching(/^deployment.apps\/shop\/checkout: .*Insufficient cpu/)]);
  });
});

describe('deploying the shop is refused, before anything is touched,', () => {
  const refused = async (code: string, words: RegExp) => {
    const before = await inCluster();
    await expect(deploy()).rejects.toMatchObject({
      code,
      exitCode: 3,
      message: expect.stringMatching(words),
    });
    expect(await inCluster()).toEqual(before);
  };

  it('where a namespace is not open for games', async () => {
    await plane.cluster.create(namespaceOf('batch'));
    await refused(
      'namespace-not-allowed',
      /kubectl --context=staging label namespace batch misfortune.dev\/game-days=allowed/,
    );
  });

  it('where an object of the same name is somebody else’s, whatever its labels say', async () => {
    await plane.cluster.create(namespaceOf('shop', opened));
    await plane.cluster.create(theirs);
    await refused(
      'not-ours',
      /These objects exist and are not part of this stack: configmap\/shop\/edge-upstreams\./,
    );
  });

  it('while a game is on the cluster', async () => {
    const lease = await takeLease({ cluster: plane.cluster, clock: realClock });
    await refused('game-on', /A game runs on this cluster/);
    await lease.release();
  });

  it('to who may not do all of it', async () => {
    const cluster = await plane.limited();
    await expect(deployStack({ objects: shop, cluster, kubectl })).rejects.toMatchObject({
      code: 'missing-permission',
      exitCode: 3,
      message: expect.stringContaining('create deployments.apps in shop'),
    });
  });
});

describe('removing the shop', () => {
  it('takes its objects and the namespaces made for it', async () => {
    await deploy();
    expect(done(await remove(), 'removed')).toHaveLength(shop.length);
    expect((await inCluster()).filter(Boolean)).toEqual([]);
    expect(done(await remove(), 'absent')).toHaveLength(shop.length);
  });

  it('keeps a namespace in which there is something of somebody else’s', async () => {
    await deploy();
    await plane.cluster.create({ ...theirs, metadata: { name: 'theirs', namespace: 'shop' } });
    const removed = await remove();
    expect(removed.filter((each) => each.done === 'kept')).toEqual([
      { ref: 'namespace/shop', done: 'kept', why: 'it also contains: ConfigMap/theirs' },
    ]);
    expect(await plane.cluster.get({ kind: 'configmap', namespace: 'shop', name: 'theirs' })).toBeDefined();
  });

  it('does not take its own pods for somebody else’s because they outlive what owned them', async () => {
    const { cluster } = plane;
    await deploy();
    const pods = () => cluster.list({ kind: 'pods' }, { namespace: 'shop' });
    await expect.poll(async () => (await pods()).length).toBeGreaterThan(0);
    const [{ metadata: slow } = { metadata: { name: '' } }] = await pods();
    const pod = { kind: 'pod', namespace: 'shop', name: slow.name };
    await cluster.patch(pod, 'merge', { metadata: { finalizers: ['example.org/slow'] } });
    const removing = remove();
    const space = { kind: 'namespace', name: 'shop' };
    await expect
      .poll(async () => (await cluster.get(space))?.metadata.deletionTimestamp, { timeout: 15_000 })
      .toBeDefined();
    expect(await pods()).toMatchObject([{ metadata: { name: slow.name } }]);
    await cluster.patch(pod, 'merge', { metadata: { finalizers: null } });
    expect(done(await removing, 'removed')).toHaveLength(shop.length);
    expect(await cluster.get(space)).toBeUndefined();
  });

  it('takes the volumes of its database, and keeps those of somebody else’s', async () => {
    const { cluster } = plane;
    await deploy();
    const claims = async () =>
      (await cluster.list({ kind: 'persistentvolumeclaims' }, { namespace: 'shop' }))
        .map(({ metadata }) => metadata.name)
        .sort();
    await expect.poll(claims).toEqual(['backups', 'data-db-0']);
    // Names that begin alike: of another StatefulSet, and of none.
    for (const name of ['data-db-replica-0', 'data-db'])
      await cluster.create({
        ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'shop' } },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      });
    const kept = (await remove()).filter((each) => each.done === 'kept');
    expect(kept).toEqual([
      {
        ref: 'namespace/shop',
        done: 'kept',
        why: 'it also contains: PersistentVolumeClaim/data-db, PersistentVolumeClaim/data-db-replica-0',
      },
    ]);
  });

  it('keeps a namespace that somebody else made and opened', async () => {
    await plane.cluster.create(namespaceOf('batch', opened));
    expect(done(await deploy(), 'kept')).toEqual(['namespace/batch']);
    expect(done(await remove(), 'kept')).toEqual(['namespace/batch']);
    expect(await plane.cluster.get({ kind: 'namespace', name: 'batch' })).toBeDefined();
  });

  it('leaves an object that took the place of ours', async () => {
    await deploy();
    const ref = { kind: 'configmap', namespace: 'shop', name: 'edge-upstreams' };
    await plane.cluster.delete(ref);
    await plane.cluster.create(theirs);
    expect(done(await remove(), 'kept')).toEqual(['configmap/shop/edge-upstreams', 'namespace/shop']);
    expect(await plane.cluster.get(ref)).toMatchObject({ data: { theirs: 'yes' } });
  });
});
