import { afterEach, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/sandbox/api.ts';
import { type Cluster, condition, deployment, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const REVISION = 'deployment.kubernetes.io/revision';
const web = () => cluster.get('deployments.apps', 'web');
const sets = () => cluster.list('replicasets.apps');

function setVersion(version: string): void {
  cluster.patch('deployments.apps', 'web', (draft) => {
    draft.spec.template.spec.containers[0].env = [{ name: 'VERSION', value: version }];
  });
}

async function rollOut(spec: Record<string, unknown> = {}): Promise<void> {
  cluster = startCluster();
  cluster.api.create('deployments.apps', deployment('web', spec));
  await cluster.settle();
}

function sizes(): Record<string, number> {
  return Object.fromEntries(sets().map((set) => [set.metadata.annotations?.[REVISION], set.spec.replicas]));
}

test('a new Deployment makes one ReplicaSet and reports its pods', async () => {
  await rollOut();
  expect(web().status).toMatchObject({
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    terminatingReplicas: 0,
  });
  expect(web().status).not.toHaveProperty('unavailableReplicas');
  expect(web().metadata.annotations).toEqual({ [REVISION]: '1' });
  const [set] = sets();
  expect(set?.metadata).toMatchObject({
    name: expect.stringMatching(/^web-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/),
    labels: { app: 'web', 'pod-template-hash': set?.metadata.name.slice('web-'.length) },
    annotations: {
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
      [REVISION]: '1',
    },
  });
  expect(condition(web(), 'Available')).toMatchObject({
    status: 'True',
    reason: 'MinimumReplicasAvailable',
    message: 'Deployment has minimum availability.',
  });
  expect(condition(web(), 'Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
  });
  expect(cluster.events()).toContain(
    `Deployment/web Normal ScalingReplicaSet: Scaled up replica set ${set?.metadata.name} from 0 to 3`,
  );
});

test('a changed template rolls into a second ReplicaSet', async () => {
  await rollOut();
  setVersion('2');
  await cluster.settle();
  expect(sizes()).toEqual({ 1: 0, 2: 3 });
  expect(web().metadata.annotations?.[REVISION]).toBe('2');
  expect(web().status).toMatchObject({ observedGeneration: 2, updatedReplicas: 3, availableReplicas: 3 });
});

test('going back to a former template uses its ReplicaSet again, as kubectl rollout undo does', async () => {
  await rollOut();
  const template = structuredClone(web().spec.template);
  setVersion('2');
  await cluster.settle();
  cluster.patch('deployments.apps', 'web', (draft) => {
    draft.spec.template = template;
  });
  await cluster.settle();
  expect(sizes()).toEqual({ 2: 0, 3: 3 });
  const reused = sets().find((set) => set.metadata.annotations?.[REVISION] === '3');
  expect(reused?.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1');
});

test('a rollout that cannot become ready stops at its limits and misses its deadline', async () => {
  cluster = startCluster({ auto: false });
  cluster.api.create('deployments.apps', deployment('web', { replicas: 2, progressDeadlineSeconds: 8 }));
  await cluster.settle();
  for (const pod of cluster.pods()) cluster.kubelet.run(pod);
  await cluster.settle();
  setVersion('2');
  await cluster.pass(6);
  expect(sizes()).toEqual({ 1: 2, 2: 1 });
  expect(condition(web(), 'Progressing')).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
  await cluster.pass(4);
  expect(condition(web(), 'Progressing')).toMatchObject({
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: expect.stringMatching(/^ReplicaSet "web-\w+" has timed out progressing\.$/),
  });
  expect(web().status).toMatchObject({
    replicas: 3,
    updatedReplicas: 1,
    availableReplicas: 2,
    unavailableReplicas: 1,
  });
});

test('minReadySeconds delays availability', async () => {
  await rollOut({ replicas: 1, minReadySeconds: 3 });
  expect(web().status).toMatchObject({ readyReplicas: 1, unavailableReplicas: 1 });
  await cluster.pass(2);
  expect(web().status).not.toHaveProperty('availableReplicas');
  await cluster.pass(1);
  expect(web().status).toMatchObject({ readyReplicas: 1, availableReplicas: 1 });
});

test('Recreate has no pod of the new template before the last old one is gone', async () => {
  cluster = startCluster({ auto: false });
  cluster.api.create('deployments.apps', deployment('web', { replicas: 2, strategy: { type: 'Recreate' } }));
  await cluster.settle();
  const old = cluster.pods();
  for (const pod of old) cluster.kubelet.run(pod);
  await cluster.settle();
  setVersion('2');
  await cluster.settle();
  expect(cluster.pods()).toEqual([]);
  expect(web().status).toMatchObject({ terminatingReplicas: 2 });
  cluster.kubelet.terminate(old[0] as KubeObject);
  await cluster.settle();
  expect(cluster.list('pods')).toHaveLength(1);
  cluster.kubelet.terminate(old[1] as KubeObject);
  await cluster.settle();
  expect(cluster.pods()).toHaveLength(2);
  expect(sizes()).toEqual({ 1: 0, 2: 2 });
});

test('a paused Deployment can be scaled but does not roll until it is resumed', async () => {
  await rollOut({ replicas: 2 });
  cluster.patch('deployments.apps', 'web', (draft) => {
    draft.spec.paused = true;
  });
  setVersion('2');
  setVersion('3');
  cluster.patch('deployments.apps', 'web', (draft) => {
    draft.spec.replicas = 4;
  });
  await cluster.settle();
  expect(sizes()).toEqual({ 1: 4 });
  expect(condition(web(), 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
  cluster.patch('deployments.apps', 'web', (draft) => {
    delete draft.spec.paused;
  });
  await cluster.settle();
  expect(sizes()).toEqual({ 1: 0, 2: 4 });
  expect(condition(web(), 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
});

test('scaling to zero and back keeps the ReplicaSet and notes the new size on it', async () => {
  await rollOut();
  const scale = async (replicas: number) => {
    cluster.patch('deployments.apps', 'web', (draft) => {
      draft.spec.replicas = replicas;
    });
    await cluster.settle();
  };
  await scale(0);
  expect(cluster.list('pods')).toEqual([]);
  expect(web().status).not.toHaveProperty('replicas');
  expect(sets()[0]?.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/desired-replicas': '0',
    'deployment.kubernetes.io/max-replicas': '0',
  });
  await scale(2);
  expect(web().status).toMatchObject({ replicas: 2, availableReplicas: 2 });
  expect(sets()).toHaveLength(1);
});

test('scaling in the middle of a rollout is shared out in proportion', async () => {
  cluster = startCluster({ auto: false });
  const rollingUpdate = { maxSurge: 2, maxUnavailable: 2 };
  const strategy = { type: 'RollingUpdate', rollingUpdate };
  cluster.api.create('deployments.apps', deployment('web', { replicas: 10, strategy }));
  await cluster.settle();
  for (const pod of cluster.pods()) cluster.kubelet.run(pod);
  await cluster.settle();
  setVersion('2');
  await cluster.settle();
  expect(sizes()).toEqual({ 1: 8, 2: 4 });
  cluster.patch('deployments.apps', 'web', (draft) => {
    draft.spec.replicas = 20;
  });
  await cluster.settle();
  const { 1: old = 0, 2: fresh = 0 } = sizes();
  expect(old + fresh).toBe(22);
  expect({ old, fresh }).toEqual({ old: 15, fresh: 7 });
});

test('only as many old ReplicaSets are kept as the history limit says', async () => {
  await rollOut({ replicas: 1, revisionHistoryLimit: 1 });
  for (const version of ['2', '3', '4']) {
    setVersion(version);
    await cluster.settle();
  }
  expect(sizes()).toEqual({ 3: 0, 4: 1 });
});

test('a foreign ReplicaSet under the name that was meant makes the Deployment choose another', async () => {
  await rollOut({ replicas: 1 });
  const name = sets()[0]?.metadata.name ?? '';
  cluster.api.delete('deployments.apps', 'default', 'web', { propagationPolicy: 'Background' });
  await cluster.settle();
  cluster.api.create('replicasets.apps', {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'else' } },
      template: {
        metadata: { labels: { app: 'else' } },
        spec: { containers: [{ name: 'a', image: 'node:20' }] },
      },
    },
  });
  cluster.api.create('deployments.apps', deployment('web', { replicas: 1 }));
  await cluster.pass(1);
  expect(web().status).toMatchObject({ collisionCount: 1, availableReplicas: 1 });
  expect(sets().map((set) => set.metadata.name)).toHaveLength(2);
});

test('an orphaned ReplicaSet is adopted by a Deployment with the same template', async () => {
  await rollOut({ replicas: 1 });
  const uid = sets()[0]?.metadata.uid;
  cluster.api.delete('deployments.apps', 'default', 'web', { propagationPolicy: 'Orphan' });
  await cluster.settle();
  expect(sets()[0]?.metadata).not.toHaveProperty('ownerReferences');
  cluster.api.create('deployments.apps', deployment('web', { replicas: 1 }));
  await cluster.settle();
  expect(sets().map((set) => set.metadata.uid)).toEqual([uid]);
  expect(sets()[0]?.metadata.ownerReferences?.[0]).toMatchObject({
    kind: 'Deployment',
    name: 'web',
    controller: true,
  });
});
