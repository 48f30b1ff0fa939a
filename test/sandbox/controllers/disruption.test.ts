import { afterEach, expect, test } from 'vitest';
import { type Cluster, deployment, pod, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

function budget(spec: Record<string, unknown>) {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'keep', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  };
}

const status = () => cluster.get('poddisruptionbudgets.policy', 'keep').status;

test('a percentage follows what the Deployment wants, also while pods are missing', async () => {
  cluster = startCluster();
  cluster.api.create('deployments.apps', deployment('web', { replicas: 4 }));
  cluster.api.create('poddisruptionbudgets.policy', budget({ maxUnavailable: '30%' }));
  await cluster.settle();
  expect(status()).toMatchObject({
    expectedPods: 4,
    desiredHealthy: 2,
    currentHealthy: 4,
    disruptionsAllowed: 2,
    observedGeneration: 1,
    conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }],
  });
  for (const one of cluster.pods().slice(0, 2)) cluster.kubelet.setReady(one, false);
  await cluster.settle();
  expect(status()).toMatchObject({
    expectedPods: 4,
    currentHealthy: 2,
    disruptionsAllowed: 0,
    conditions: [{ status: 'False', reason: 'InsufficientPods' }],
  });
});

test('a number counts the pods that are there, a relabelled one no more', async () => {
  cluster = startCluster();
  cluster.api.create('poddisruptionbudgets.policy', budget({ minAvailable: 1 }));
  for (const name of ['a', 'b']) cluster.api.create('pods', pod(name, { app: 'web' }));
  await cluster.settle();
  expect(status()).toMatchObject({ expectedPods: 2, desiredHealthy: 1, disruptionsAllowed: 1 });
  cluster.patch('pods', 'a', (draft) => {
    draft.metadata.labels = { app: 'other' };
  });
  await cluster.settle();
  expect(status()).toMatchObject({ expectedPods: 1, disruptionsAllowed: 0 });
});

test('without pods nothing may go; a percentage of pods without a controller is told of', async () => {
  cluster = startCluster();
  cluster.api.create('poddisruptionbudgets.policy', budget({ maxUnavailable: '50%' }));
  await cluster.settle();
  expect(status()).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
  expect(cluster.events()).toContain('PodDisruptionBudget/keep Normal NoPods: No matching pods found');
  cluster.api.create('pods', pod('lone', { app: 'web' }));
  await cluster.settle();
  expect(status()).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
  expect(cluster.events().some((event) => event.includes('Warning UnmanagedPods: '))).toBe(true);
});

test('an evicted pod that nobody deletes counts again after two minutes', async () => {
  cluster = startCluster();
  for (const name of ['a', 'b']) cluster.api.create('pods', pod(name, { app: 'web' }));
  cluster.api.create('poddisruptionbudgets.policy', budget({ minAvailable: 1 }));
  await cluster.settle();
  cluster.api.update(
    'poddisruptionbudgets.policy',
    'default',
    'keep',
    (draft) => {
      const evicted = { a: new Date(cluster.clock.now()).toISOString() };
      return { ...draft, status: { ...draft.status, disruptionsAllowed: 0, disruptedPods: evicted } };
    },
    { subresource: 'status' },
  );
  await cluster.pass(60);
  expect(status()).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0 });
  await cluster.pass(62);
  expect(status()).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
  expect(status()).not.toHaveProperty('disruptedPods');
  expect(cluster.events()).toContain(
    "Pod/a Warning NotDeleted: Pod was expected by PDB default/keep to be deleted but it wasn't",
  );
});
