import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { ContainerUsage, KubeObject } from '../../../src/sandbox/api.ts';
import { type Cluster, deployment, podTemplate, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

/** Cores that each pod uses. */
let cores = 0;

const usage = (_pod: KubeObject, now: number): ContainerUsage[] => [
  { container: 'app', cpuCores: cores, memoryBytes: 50 * 2 ** 20, windowSeconds: 10, at: now },
];

function autoscaler(spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      minReplicas: 1,
      maxReplicas: 10,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
        },
      ],
      ...spec,
    },
  };
}

async function start(
  { replicas = 2, requests = { cpu: '100m' } as Record<string, string>, speed = 1, measured = true } = {},
  spec: Record<string, unknown> = {},
): Promise<void> {
  cluster = startCluster({ speed, ...(measured && { usage }) });
  const containers = [{ name: 'app', image: 'node:20', resources: { requests } }];
  const template = podTemplate({ app: 'web' }, { containers });
  cluster.api.create('deployments.apps', deployment('web', { replicas, template }));
  await cluster.pass(1);
  cluster.api.create('horizontalpodautoscalers.autoscaling', autoscaler(spec));
}

const status = () => cluster.get('horizontalpodautoscalers.autoscaling', 'web').status;
const replicas = () => cluster.get('deployments.apps', 'web').spec.replicas;
const condition = (type: string) =>
  status().conditions.find((one: { type: string }) => one.type === type) as Record<string, string>;

test('too much use of the requests adds pods, once their CPU says something about load', async () => {
  cores = 0.1;
  await start();
  await cluster.pass(14);
  expect(status()).toEqual({ desiredReplicas: 0, currentMetrics: null });
  await cluster.pass(2);
  expect(status()).toMatchObject({
    currentReplicas: 2,
    desiredReplicas: 4,
    currentMetrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } },
      },
    ],
  });
  expect(replicas()).toBe(4);
  expect(condition('AbleToScale')).toMatchObject({ status: 'True', reason: 'SucceededRescale' });
  expect(condition('ScalingActive')).toMatchObject({
    reason: 'ValidMetricFound',
    message:
      'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
  });
  expect(cluster.events()).toContain(
    'HorizontalPodAutoscaler/web Normal SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
  );
});

test('growth stops at twice the pods a time, and at the maximum', async () => {
  cores = 1;
  await start({}, { maxReplicas: 6 });
  await cluster.pass(16);
  expect(replicas()).toBe(4);
  expect(condition('ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleUpLimit' });
  await cluster.pass(30);
  expect(replicas()).toBe(6);
  await cluster.pass(15);
  expect(condition('ScalingLimited')).toMatchObject({ status: 'True', reason: 'TooManyReplicas' });
});

test('shrinking waits until no recommendation of the last five minutes was higher', async () => {
  cores = 0.05;
  await start({ replicas: 4 });
  await cluster.pass(16);
  expect(replicas()).toBe(4);
  cores = 0.001;
  await cluster.pass(30);
  expect(replicas()).toBe(4);
  expect(condition('AbleToScale')).toMatchObject({ status: 'True', reason: 'ScaleDownStabilized' });
  await cluster.pass(300);
  expect(replicas()).toBe(1);
  expect(cluster.events()).toContain(
    'HorizontalPodAutoscaler/web Normal SuccessfulRescale: New size: 1; reason: All metrics below target',
  );
});

test('speed shortens the period and the stabilisation', async () => {
  cores = 0.001;
  await start({ replicas: 4, speed: 10 });
  await cluster.pass(36);
  expect(replicas()).toBe(1);
});

test('a behavior limits the steps down and can forbid them', async () => {
  cores = 0.001;
  const scaleDown = {
    stabilizationWindowSeconds: 0,
    policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
  };
  await start({ replicas: 4 }, { behavior: { scaleDown } });
  await cluster.pass(46);
  expect(replicas()).toBe(3);
  expect(condition('ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleDownLimit' });
  await cluster.pass(60);
  expect(replicas()).toBe(2);
  cluster.patch('horizontalpodautoscalers.autoscaling', 'web', (draft) => {
    draft.spec.behavior.scaleDown.selectPolicy = 'Disabled';
  });
  await cluster.pass(300);
  expect(replicas()).toBe(2);
});

test('what is out of bounds is brought back without a look at metrics; zero switches it off', async () => {
  cores = 0.05;
  await start({ replicas: 12 });
  await cluster.pass(15);
  expect(replicas()).toBe(10);
  expect(cluster.events()).toContain(
    'HorizontalPodAutoscaler/web Normal SuccessfulRescale: New size: 10; reason: Current number of replicas above Spec.MaxReplicas',
  );
  cluster.patch('deployments.apps', 'web', (draft) => {
    draft.spec.replicas = 0;
  });
  await cluster.pass(15);
  expect(replicas()).toBe(0);
  expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'ScalingDisabled' });
});

test('says why it cannot work: no such target, no requests, no metrics API, no custom metrics', async () => {
  cores = 0.05;
  await start({}, { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' } });
  await cluster.pass(15);
  expect(condition('AbleToScale')).toMatchObject({
    status: 'False',
    reason: 'FailedGetScale',
    message:
      'the HPA controller was unable to get the target\'s current scale: deployments.apps "none" not found',
  });
  cluster.stop();

  await start({ requests: { memory: '10Mi' } });
  await cluster.pass(15);
  const pods = cluster.pods().map(({ metadata }) => metadata.name);
  expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetResourceMetric' });
  expect(
    pods.some((pod) =>
      condition('ScalingActive').message!.endsWith(`missing request for cpu in container app of Pod ${pod}`),
    ),
  ).toBe(true);
  cluster.stop();

  await start({ measured: false });
  await cluster.pass(15);
  const why =
    'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
  // As recorded on a cluster without a metrics server (fixtures, workloads: an autoscaler without metrics).
  expect(status()).toMatchObject({ currentReplicas: 2, desiredReplicas: 0, currentMetrics: [{ type: '' }] });
  expect(condition('ScalingActive')).toMatchObject({
    message: `the HPA was unable to compute the replica count: ${why}`,
  });
  expect(cluster.events()).toEqual(
    expect.arrayContaining([
      `HorizontalPodAutoscaler/web Warning FailedGetResourceMetric: ${why}`,
      `HorizontalPodAutoscaler/web Warning FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
    ]),
  );
  cluster.stop();

  const pods3 = {
    type: 'Pods',
    pods: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '5' } },
  };
  await start({}, { metrics: [pods3] });
  await cluster.pass(15);
  expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetPodsMetric' });
});

test('the size stays within the bounds, and moves towards what the load needs', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        load: fc.double({ min: 0, max: 2, noNaN: true }),
        size: fc.integer({ min: 1, max: 12 }),
        min: fc.integer({ min: 1, max: 4 }),
        more: fc.integer({ min: 0, max: 6 }),
      }),
      async ({ load, size, min, more }) => {
        cores = load / size;
        await start({ replicas: size }, { minReplicas: min, maxReplicas: min + more });
        await cluster.pass(17);
        const now = replicas();
        cluster.stop();
        expect(now).toBeGreaterThanOrEqual(min);
        expect(now).toBeLessThanOrEqual(min + more);
        const needed = Math.ceil(load / 0.05);
        if (now > size) expect(Math.max(needed, min)).toBeGreaterThan(size);
      },
    ),
    { numRuns: 5 },
  );
});
