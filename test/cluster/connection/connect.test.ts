import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster, ClusterObject } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { parseRef } from '../../../src/cluster/ref.ts';
import { startTestServer, type TestServer } from '../../sandbox/apiserver/test-server.ts';

let server: TestServer;
let cluster: Cluster;
beforeAll(async () => {
  server = await startTestServer();
  cluster = await connect({ kubeconfig: server.kubeconfig });
});
afterAll(async () => {
  cluster?.close();
  await server?.close();
});

const config = (name: string, data: Record<string, string> = {}): ClusterObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});

describe('a cluster', () => {
  it.each([
    ['pods', undefined, 'Pod'],
    ['pod', undefined, 'Pod'],
    ['po', undefined, 'Pod'],
    ['deploy', undefined, 'Deployment'],
    ['deployment', 'apps', 'Deployment'],
    ['job', 'batch', 'Job'],
    ['endpointslice', 'discovery.k8s.io', 'EndpointSlice'],
  ])('knows %s.%s', async (kind, group, wanted) => {
    expect((await cluster.kind({ kind, group })).kind).toBe(wanted);
  });

  it('takes the core group where several have the word', async () => {
    expect((await cluster.kind({ kind: 'pods' })).apiVersion).toBe('v1');
  });

  it('says which kind was perhaps meant', async () => {
    await expect(cluster.kind({ kind: 'deploymnet' })).rejects.toMatchObject({
      code: 'unknown-kind',
      todo: 'Did you mean "deployment"?',
    });
  });

  it('creates, reads, patches, replaces and deletes', async () => {
    const ref = parseRef('configmap/default/first');
    expect(await cluster.get(ref)).toBeUndefined();
    const made = await cluster.create(config('first', { a: '1' }));
    expect(made.metadata.uid).toBeTruthy();
    const patched = await cluster.patch(ref, 'merge', { data: { b: '2' } });
    expect(patched.data).toEqual({ a: '1', b: '2' });
    await cluster.patch(ref, 'json', [{ op: 'remove', path: '/data/a' }]);
    const replaced = await cluster.replace({ ...(await cluster.get(ref))!, data: { c: '3' } });
    expect(replaced.data).toEqual({ c: '3' });
    expect(await cluster.delete(ref, { uid: made.metadata.uid })).toBe(true);
    expect(await cluster.get(ref)).toBeUndefined();
    expect(await cluster.delete(ref)).toBe(false);
  });

  it('writes nothing in a dry run', async () => {
    await cluster.create(config('dry'), { dryRun: true });
    expect(await cluster.get(parseRef('configmap/default/dry'))).toBeUndefined();
  });

  it('leaves a newer object of the same name alone', async () => {
    const { metadata } = await cluster.create(config('again'));
    const ref = parseRef('configmap/default/again');
    await cluster.delete(ref);
    const newer = await cluster.create(config('again'));
    expect(await cluster.delete(ref, { uid: metadata.uid })).toBe(false);
    expect((await cluster.get(ref))?.metadata.uid).toBe(newer.metadata.uid);
  });

  it('lists whole objects, by label', async () => {
    const labelled = config('labelled');
    labelled.metadata.labels = { side: 'left' };
    await cluster.create(labelled);
    const found = await cluster.list({ kind: 'cm' }, { namespace: 'default', labelSelector: 'side=left' });
    expect(found.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.name])).toEqual([
      ['v1', 'ConfigMap', 'labelled'],
    ]);
  });

  it.each([
    ['already-exists', 409, () => cluster.create(config('kube-root-ca.crt'))],
    ['not-found', 404, () => cluster.patch(parseRef('configmap/default/none'), 'merge', {})],
    ['invalid', 422, () => cluster.create(config(''))],
    [
      'conflict',
      409,
      async () => {
        const object = await cluster.create(config('contended'));
        await cluster.patch(parseRef('configmap/default/contended'), 'merge', { data: { x: 'y' } });
        await cluster.replace({ ...object, data: {} });
      },
    ],
  ])('turns the answer into %s', async (code, status, call) => {
    await expect(call()).rejects.toMatchObject({ code, status });
  });

  it('says which permission a responder lacks', async () => {
    const responder = await connect({ kubeconfig: server.responderKubeconfig });
    try {
      const permission = { verb: 'delete', group: '', resource: 'namespaces', name: 'default' };
      expect(await cluster.can(permission)).toBe(true);
      expect(await responder.can(permission)).toBe(false);
      const refused = responder.delete(parseRef('namespace/default'));
      await expect(refused).rejects.toMatchObject({ code: 'forbidden', status: 403 });
      await expect(refused).rejects.toThrow(/namespace\/default.*cannot delete/);
    } finally {
      responder.close();
    }
  });

  it('watches: what is there, then each change, until the signal', async () => {
    const events: string[] = [];
    const stop = new AbortController();
    let seen: () => void = () => {};
    const next = () =>
      new Promise<void>((resolve) => {
        seen = resolve;
      });
    await cluster.create(config('watched-before'));
    let wait = next();
    const watching = cluster.watch(
      { kind: 'configmaps' },
      { namespace: 'default' },
      ({ type, object }) => {
        if (!object.metadata.name.startsWith('watched')) return;
        events.push(`${type} ${object.metadata.name}`);
        seen();
      },
      stop.signal,
    );
    await wait;
    for (const change of [
      () => cluster.create(config('watched-after')),
      () => cluster.patch(parseRef('configmap/default/watched-after'), 'merge', { data: { a: 'b' } }),
      () => cluster.delete(parseRef('configmap/default/watched-after')),
    ]) {
      wait = next();
      await change();
      await wait;
    }
    stop.abort();
    await watching;
    expect(events).toEqual([
      'ADDED watched-before',
      'ADDED watched-after',
      'MODIFIED watched-after',
      'DELETED watched-after',
    ]);
  });

  it('keeps its connections: a request costs less than a handshake', async () => {
    const ref = parseRef('namespace/default');
    await cluster.get(ref);
    const { body } = await cluster.raw('/version');
    expect(JSON.parse(body)).toHaveProperty('gitVersion');
  });
});
