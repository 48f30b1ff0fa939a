import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { bench } from '../bench.ts';

const at = bench();
const deletion = (ref: string, more: Record<string, unknown> = {}) => at.plan({ delete: { ref, ...more } });
const make = (more: { metadata: Record<string, unknown>; [key: string]: unknown }) =>
  at.cluster.create({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', ...more },
    metadata: { name: 'thing', namespace: 'shop', ...more.metadata },
  } as ClusterObject);

describe('a deleted object', () => {
  it('comes back as it was', async () => {
    await at.break({ delete: { ref: 'configmap/shop/edge-upstreams' } });
    expect(
      await at.cluster.get({ kind: 'configmap', namespace: 'shop', name: 'edge-upstreams' }),
    ).toBeUndefined();
    await at.mend();
  });

  it('comes back with the pods that it owned, and waits for them', async () => {
    await at.break({ delete: { ref: 'deployment.apps/shop/worker' } });
    await at.mend();
    const worker = await at.cluster.get({
      kind: 'deployment',
      group: 'apps',
      namespace: 'shop',
      name: 'worker',
    });
    expect(worker!.status).toMatchObject({ availableReplicas: 1 });
  });

  it('takes over again what it was to leave behind', async () => {
    const pods = async () => {
      const all = await at.cluster.list(
        { kind: 'pods' },
        { namespace: 'shop', labelSelector: 'app.kubernetes.io/name=worker' },
      );
      return all.map(({ metadata }) => metadata.uid).sort();
    };
    const before = await pods();
    await at.break({ delete: { ref: 'deployment.apps/shop/worker', owned: 'keep' } });
    expect(await pods()).toEqual(before);
    await at.mend();
    expect(await pods()).toEqual(before);
  });

  it.each([
    ['namespace/shop', 'namespace-not-allowed'],
    ['gadgets/shop/data', 'unknown-kind'],
    ['persistentvolumeclaims/shop/data', 'unknown-object'],
    ['configmap/kube-system/cluster-identity', 'namespace-not-allowed'],
    ['configmap/shop/nobody', 'unknown-object'],
  ])('is not %s', async (ref, code) => {
    await expect(deletion(ref)).rejects.toMatchObject({ code });
  });

  it('is refused where it holds data', async () => {
    const ref = { kind: 'persistentvolumeclaim', namespace: 'shop', name: 'data' };
    await make({
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    await expect(deletion('persistentvolumeclaim/shop/data')).rejects.toThrow(
      'A fault may not delete a PersistentVolumeClaim',
    );
    await at.cluster.delete(ref);
  });

  it('is refused where a controller would make it anew', async () => {
    const [pod] = await at.cluster.list({ kind: 'pods' }, { namespace: 'shop' });
    await expect(deletion(`pod/shop/${pod!.metadata.name}`)).rejects.toMatchObject({
      code: 'not-restorable',
      todo: 'Use `kill` for pods.',
    });
  });

  it('is refused where finalizers hold it', async () => {
    await make({ metadata: { finalizers: ['example.com/cleanup'] } });
    await expect(deletion('configmap/shop/thing')).rejects.toThrow(
      'held by finalizers (example.com/cleanup)',
    );
    const ref = { kind: 'configmap', namespace: 'shop', name: 'thing' };
    await at.cluster.patch(ref, 'merge', { metadata: { finalizers: null } });
    await at.cluster.delete(ref);
  });

  it('is refused where something that nobody makes anew would be deleted along', async () => {
    const worker = await at.cluster.get({
      kind: 'deployment',
      group: 'apps',
      namespace: 'shop',
      name: 'worker',
    });
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'worker', uid: worker!.metadata.uid! };
    await make({ metadata: { ownerReferences: [owner] } });
    await expect(deletion('deployment.apps/shop/worker')).rejects.toThrow('ConfigMap thing belongs to it');
    await at.cluster.delete({ kind: 'configmap', namespace: 'shop', name: 'thing' });
  });

  it.each([
    [
      'a Job',
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] } } },
      },
      'does its work again',
    ],
    [
      'a cloud load balancer',
      { kind: 'Service', spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } },
      'outside of the cluster',
    ],
  ])('is not %s', async (_, object, why) => {
    const made = await make({ metadata: {}, ...object });
    const kind = made.kind.toLowerCase();
    const group = kind === 'job' ? 'batch' : undefined;
    await expect(deletion(`${kind}${group ? `.${group}` : ''}/shop/thing`)).rejects.toThrow(why);
    await at.cluster.delete({ kind, group, namespace: 'shop', name: 'thing' });
  });
});
