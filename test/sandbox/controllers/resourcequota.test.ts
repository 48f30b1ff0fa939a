import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { parseQuantity } from '../../../src/quantity.ts';
import { type Cluster, deployment, pod, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

function quota(hard: Record<string, string>, more: Record<string, unknown> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few', namespace: 'default' },
    spec: { hard, ...more },
  };
}

const asking = (name: string, requests: Record<string, string>, limits: Record<string, string> = {}) => {
  return pod(name, {}, { containers: [{ name: 'app', image: 'node:20', resources: { requests, limits } }] });
};
const used = () => cluster.get('resourcequotas', 'few').status.used;

test('counts what is there, charges at once, and gives back what ends', async () => {
  cluster = startCluster();
  cluster.api.create('pods', asking('a', { cpu: '300m', memory: '64Mi' }));
  const hard = { pods: '3', 'requests.cpu': '1', memory: '1Gi', 'count/configmaps': '9', services: '2' };
  cluster.api.create('resourcequotas', quota(hard));
  await cluster.settle();
  // kube-root-ca.crt is there from the beginning, as is the Service kubernetes.
  expect(used()).toEqual({
    pods: '1',
    'requests.cpu': '300m',
    memory: '64Mi',
    'count/configmaps': '1',
    services: '1',
  });
  cluster.api.create('pods', asking('b', { cpu: '200m', memory: '64Mi' }));
  expect(used()).toMatchObject({ pods: '2', 'requests.cpu': '500m', memory: '128Mi' });
  await cluster.settle();
  cluster.kubelet.finish(cluster.get('pods', 'a'), 0);
  await cluster.settle();
  expect(used()).toMatchObject({ pods: '1', 'requests.cpu': '200m', memory: '64Mi' });
});

test('a ReplicaSet that is refused says so in Events and its condition, and goes on when there is room', async () => {
  cluster = startCluster();
  cluster.api.create('resourcequotas', quota({ pods: '1' }));
  await cluster.settle();
  cluster.api.create('deployments.apps', deployment('web', { replicas: 2 }));
  await cluster.pass(2);
  expect(cluster.pods()).toHaveLength(1);
  expect(cluster.get('deployments.apps', 'web').status.conditions).toContainEqual(
    expect.objectContaining({
      type: 'ReplicaFailure',
      reason: 'FailedCreate',
      message: expect.stringMatching(
        /^pods "web-.*" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1$/,
      ),
    }),
  );
  cluster.patch('resourcequotas', 'few', (draft) => {
    draft.spec.hard.pods = '5';
  });
  await cluster.pass(30);
  expect(cluster.pods()).toHaveLength(2);
});

test('a scope counts the pods it is about only', async () => {
  cluster = startCluster();
  cluster.api.create('resourcequotas', quota({ pods: '1' }, { scopes: ['BestEffort'] }));
  await cluster.settle();
  cluster.api.create('pods', asking('a', { cpu: '1m' }));
  cluster.api.create('pods', pod('b'));
  expect(() => cluster.api.create('pods', pod('c'))).toThrow('exceeded quota: few');
  cluster.api.create('pods', asking('d', { cpu: '1m' }));
  await cluster.settle();
  expect(used()).toEqual({ pods: '1' });
});

test('no order of pods coming and going uses more than the quota', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 600 })), { maxLength: 12 }),
      async (steps) => {
        cluster = startCluster();
        cluster.api.create('resourcequotas', quota({ 'requests.cpu': '1' }));
        await cluster.settle();
        for (const [index, millis] of steps) {
          const name = `p${index}`;
          const there = cluster.api.get('pods', 'default', name);
          const sum = () =>
            cluster
              .pods()
              .reduce((total, { spec }) => total + cpu(spec.containers[0].resources.requests.cpu), 0n);
          const before = sum();
          if (there) cluster.api.delete('pods', 'default', name, { gracePeriodSeconds: 0 });
          else if (before + cpu(`${millis}m`) > cpu('1'))
            expect(() => cluster.api.create('pods', asking(name, { cpu: `${millis}m` }))).toThrow(
              'exceeded quota',
            );
          else cluster.api.create('pods', asking(name, { cpu: `${millis}m` }));
          await cluster.settle();
          expect(cpu(used()['requests.cpu'])).toBe(sum());
        }
        cluster.stop();
      },
    ),
    { numRuns: 8 },
  );
});

const cpu = (text: string) => parseQuantity(text)!.nanos;
