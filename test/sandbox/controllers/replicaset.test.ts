import { afterEach, expect, test } from 'vitest';
import { type Cluster, condition, pod, podTemplate, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

function replicaSet(replicas: number) {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'r', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: 'r' } }, template: podTemplate({ app: 'r' }) },
  };
}

test('a matching pod without an owner is adopted, a relabelled one is let go and replaced', async () => {
  cluster = startCluster();
  cluster.api.create('pods', pod('stray', { app: 'r' }));
  cluster.api.create('replicasets.apps', replicaSet(2));
  await cluster.settle();
  expect(cluster.pods()).toHaveLength(2);
  expect(cluster.get('pods', 'stray').metadata.ownerReferences?.[0]).toMatchObject({
    kind: 'ReplicaSet',
    name: 'r',
  });
  cluster.patch('pods', 'stray', (draft) => {
    draft.metadata.labels = { app: 'other' };
  });
  await cluster.settle();
  expect(cluster.get('pods', 'stray').metadata).not.toHaveProperty('ownerReferences');
  expect(cluster.pods('app=r')).toHaveLength(2);
  expect(cluster.get('replicasets.apps', 'r').status).toMatchObject({
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    observedGeneration: 1,
  });
});

test('pods that are not ready are given up first, then the younger ones', async () => {
  cluster = startCluster({ auto: false });
  cluster.api.create('replicasets.apps', replicaSet(3));
  await cluster.settle();
  const [a, b, c] = cluster.pods();
  if (!a || !b || !c) throw new Error('expected three pods');
  cluster.kubelet.run(a);
  await cluster.pass(5);
  cluster.kubelet.run(b);
  cluster.kubelet.run(c, false);
  await cluster.settle();
  const scale = async (replicas: number) => {
    cluster.patch('replicasets.apps', 'r', (draft) => {
      draft.spec.replicas = replicas;
    });
    await cluster.settle();
    return cluster.pods().map((one) => one.metadata.name);
  };
  expect(await scale(2)).toEqual([a.metadata.name, b.metadata.name].sort());
  expect(await scale(1)).toEqual([a.metadata.name]);
  expect(cluster.events()).toContain(`ReplicaSet/r Normal SuccessfulDelete: Deleted pod: ${c.metadata.name}`);
});

test('a pod that may not be created is reported in an Event and the condition ReplicaFailure', async () => {
  cluster = startCluster();
  const set = replicaSet(1);
  cluster.api.create('replicasets.apps', {
    ...set,
    spec: { ...set.spec, template: podTemplate({ app: 'r' }, { serviceAccountName: 'nobody' }) },
  });
  await cluster.settle();
  const failure = condition(cluster.get('replicasets.apps', 'r'), 'ReplicaFailure');
  expect(failure).toMatchObject({ status: 'True', reason: 'FailedCreate' });
  expect(failure?.message).toMatch(/serviceaccount "nobody" not found/);
  expect(cluster.events().join('\n')).toMatch(
    /ReplicaSet\/r Warning FailedCreate: Error creating: pods "r-\w*" is forbidden/,
  );
  cluster.api.create('serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'nobody', namespace: 'default' },
  });
  await cluster.pass(1);
  expect(cluster.get('replicasets.apps', 'r').status).toMatchObject({ availableReplicas: 1 });
  expect(condition(cluster.get('replicasets.apps', 'r'), 'ReplicaFailure')).toBeUndefined();
});
