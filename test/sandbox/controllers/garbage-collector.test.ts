import { afterEach, expect, test } from 'vitest';
import type { OwnerReference } from '../../../src/sandbox/api.ts';
import { type Cluster, deployment, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

function configMap(name: string, ownerReferences?: OwnerReference[]) {
  const metadata = { name, namespace: 'default', ...(ownerReferences && { ownerReferences }) };
  return cluster.api.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
}

function ownedBy(uid: string, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, ...more };
}

const names = () =>
  cluster
    .list('configmaps')
    .map((object) => object.metadata.name)
    .filter((name) => name !== 'kube-root-ca.crt');

test('what an owner owned goes after it, as does what an owner that never was owned', async () => {
  cluster = startCluster();
  const { uid } = configMap('owner').metadata;
  configMap('child', [ownedBy(uid)]);
  configMap('bad', [ownedBy('00000000-0000-0000-0000-000000000009')]);
  configMap('free');
  await cluster.settle();
  expect(names()).toEqual(['child', 'free', 'owner']);
  cluster.api.delete('configmaps', 'default', 'owner');
  await cluster.settle();
  expect(names()).toEqual(['free']);
});

test('an object with another living owner stays and forgets the dead one', async () => {
  cluster = startCluster();
  const first = configMap('owner').metadata.uid;
  const second = configMap('second').metadata.uid;
  configMap('child', [ownedBy(first), ownedBy(second, { name: 'second' })]);
  cluster.api.delete('configmaps', 'default', 'owner');
  await cluster.settle();
  expect(cluster.get('configmaps', 'child').metadata.ownerReferences).toEqual([
    ownedBy(second, { name: 'second' }),
  ]);
});

test('an owner deleted in the foreground waits for the dependents that block it', async () => {
  cluster = startCluster({ auto: false });
  cluster.api.create('deployments.apps', deployment('web', { replicas: 2 }));
  await cluster.settle();
  for (const pod of cluster.pods()) cluster.kubelet.run(pod);
  await cluster.settle();
  cluster.api.delete('deployments.apps', 'default', 'web', { propagationPolicy: 'Foreground' });
  await cluster.settle();
  const deleting = { deletionTimestamp: expect.any(String), finalizers: ['foregroundDeletion'] };
  expect(cluster.get('deployments.apps', 'web').metadata).toMatchObject(deleting);
  expect(cluster.list('replicasets.apps')[0]?.metadata).toMatchObject(deleting);
  expect(cluster.pods()).toEqual([]);
  for (const pod of cluster.list('pods')) cluster.kubelet.terminate(pod);
  await cluster.settle();
  expect(cluster.list('replicasets.apps')).toEqual([]);
  expect(cluster.list('deployments.apps')).toEqual([]);
});

test('in the background the owner goes first', async () => {
  cluster = startCluster();
  cluster.api.create('deployments.apps', deployment('web', { replicas: 2 }));
  await cluster.settle();
  cluster.api.delete('deployments.apps', 'default', 'web', { propagationPolicy: 'Background' });
  expect(cluster.list('deployments.apps')).toEqual([]);
  await cluster.settle();
  expect(cluster.list('replicasets.apps')).toEqual([]);
  expect(cluster.list('pods')).toEqual([]);
});

test('orphaned dependents stay and forget their owner', async () => {
  cluster = startCluster();
  const { uid } = configMap('owner').metadata;
  configMap('child', [ownedBy(uid, { blockOwnerDeletion: true })]);
  cluster.api.delete('configmaps', 'default', 'owner', { propagationPolicy: 'Orphan' });
  await cluster.settle();
  expect(names()).toEqual(['child']);
  expect(cluster.get('configmaps', 'child').metadata).not.toHaveProperty('ownerReferences');
});

test('an owner in another namespace does not count', async () => {
  cluster = startCluster();
  const { uid } = cluster.api.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'owner', namespace: 'kube-public' },
  }).metadata;
  configMap('child', [ownedBy(uid)]);
  await cluster.settle();
  expect(names()).toEqual([]);
});
