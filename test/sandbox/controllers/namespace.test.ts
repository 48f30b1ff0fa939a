import { afterEach, expect, test } from 'vitest';
import { type Cluster, condition, deployment, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

function create(resource: string, kind: string, name: string, finalizers?: string[]): void {
  cluster.api.create(resource, {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'team', ...(finalizers && { finalizers }) },
  });
}

test('a namespace goes when its content is gone, and says what it waits for', async () => {
  cluster = startCluster();
  cluster.api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  create('configmaps', 'ConfigMap', 'hold', ['example.com/hold']);
  create('secrets', 'Secret', 'plain');
  const web = deployment('web');
  cluster.api.create('deployments.apps', { ...web, metadata: { ...web.metadata, namespace: 'team' } });
  await cluster.settle();
  expect(cluster.api.list('pods', { namespace: 'team' })).toHaveLength(3);
  cluster.api.delete('namespaces', undefined, 'team');
  await cluster.settle();
  const namespace = cluster.api.get('namespaces', undefined, 'team');
  if (!namespace) throw new Error('expected the namespace to wait');
  expect(namespace).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Terminating' } });
  expect(namespace.status.conditions.map((one: { type: string }) => one.type)).toEqual([
    'NamespaceDeletionDiscoveryFailure',
    'NamespaceDeletionGroupVersionParsingFailure',
    'NamespaceDeletionContentFailure',
    'NamespaceContentRemaining',
    'NamespaceFinalizersRemaining',
  ]);
  expect(condition(namespace, 'NamespaceContentRemaining')).toMatchObject({
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: 'Some resources are remaining: configmaps. has 1 resource instances',
  });
  expect(condition(namespace, 'NamespaceFinalizersRemaining')).toMatchObject({
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message:
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  });
  cluster.api.update('configmaps', 'team', 'hold', (draft) => {
    delete draft.metadata.finalizers;
    return draft;
  });
  await cluster.settle();
  expect(cluster.api.get('namespaces', undefined, 'team')).toBeUndefined();
  for (const resource of cluster.api.resources()) {
    const left = cluster.api.list(resource).filter((object) => object.metadata.namespace === 'team');
    expect(left).toEqual([]);
  }
});

test('a controller that cannot replace pods in a dying namespace does not try for ever', async () => {
  cluster = startCluster({ auto: false });
  cluster.api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  const web = deployment('web', { replicas: 1 });
  cluster.api.create('deployments.apps', {
    ...web,
    metadata: { ...web.metadata, namespace: 'team', finalizers: ['example.com/hold'] },
  });
  await cluster.settle();
  cluster.api.delete('namespaces', undefined, 'team');
  await cluster.pass(8);
  const before = cluster.api.store.revision;
  await cluster.pass(1);
  expect(cluster.api.store.revision).toBe(before);
  expect(cluster.errors).toEqual([]);
});
