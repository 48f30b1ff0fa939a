import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/sandbox/api.ts';
import { type Cluster, pod, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const SLICES = 'endpointslices.discovery.k8s.io';
const slices = () =>
  cluster.list(SLICES).filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === 'web');
const endpoints = () => cluster.get('endpoints', 'web');
/** An empty slice has null. */
const endpointsOf = (slice: KubeObject | undefined) => slice?.endpoints ?? [];

function service(spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
  };
}

function container(port: number) {
  return { containers: [{ name: 'app', image: 'node:20', ports: [{ name: 'web', containerPort: port }] }] };
}

test('a service without pods has an empty slice and an Endpoints object without subsets', async () => {
  cluster = startCluster();
  cluster.api.create('services', service());
  await cluster.settle();
  expect(slices()).toHaveLength(1);
  expect(slices()[0]).toMatchObject({
    addressType: 'IPv4',
    metadata: {
      generateName: 'web-',
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': 'web',
      },
      ownerReferences: [{ kind: 'Service', name: 'web', controller: true, blockOwnerDeletion: true }],
    },
  });
  expect(endpointsOf(slices()[0])).toEqual([]);
  expect(endpoints()).not.toHaveProperty('subsets');
});

test('readiness decides which endpoints are ready', async () => {
  cluster = startCluster({ auto: false });
  cluster.api.create('services', service());
  const a = cluster.api.create('pods', pod('a', { app: 'web' }));
  await cluster.settle();
  expect(endpointsOf(slices()[0])).toEqual([]);
  cluster.kubelet.run(a, false);
  await cluster.settle();
  const { uid } = a.metadata;
  const endpoint = {
    addresses: ['10.244.0.2'],
    targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid },
    nodeName: 'node-a',
  };
  const address = { ip: '10.244.0.2', nodeName: 'node-a', targetRef: endpoint.targetRef };
  const ports = [{ name: 'http', port: 8080, protocol: 'TCP' }];
  expect(slices()[0]?.endpoints).toEqual([
    { ...endpoint, conditions: { ready: false, serving: false, terminating: false } },
  ]);
  expect(endpoints().subsets).toEqual([{ notReadyAddresses: [address], ports }]);
  cluster.kubelet.setReady(a, true);
  await cluster.settle();
  expect(slices()[0]).toMatchObject({ ports });
  expect(slices()[0]?.endpoints[0].conditions).toEqual({ ready: true, serving: true, terminating: false });
  expect(endpoints().subsets).toEqual([{ addresses: [address], ports }]);
  cluster.api.delete('pods', 'default', 'a');
  await cluster.settle();
  expect(slices()[0]?.endpoints[0].conditions).toEqual({ ready: false, serving: true, terminating: true });
  expect(endpoints()).not.toHaveProperty('subsets');
  cluster.kubelet.terminate(a);
  await cluster.settle();
  expect(endpointsOf(slices()[0])).toEqual([]);
});

test('a named target port is looked up on each pod', async () => {
  cluster = startCluster();
  cluster.api.create('services', service({ ports: [{ name: 'http', port: 80, targetPort: 'web' }] }));
  cluster.api.create('pods', pod('a', { app: 'web' }, container(8080)));
  cluster.api.create('pods', pod('b', { app: 'web' }, container(9090)));
  await cluster.settle();
  const byPort = slices().map(({ ports, endpoints: [one] }) => [one.targetRef.name, ports[0].port]);
  expect(Object.fromEntries(byPort)).toEqual({ a: 8080, b: 9090 });
  expect(endpoints().subsets.map((subset: KubeObject['subsets']) => subset.ports[0].port)).toEqual([
    8080, 9090,
  ]);
});

test('a pod whose labels no longer match leaves the service', async () => {
  cluster = startCluster();
  cluster.api.create('services', service());
  cluster.api.create('pods', pod('a', { app: 'web' }));
  await cluster.settle();
  expect(slices()[0]?.endpoints).toHaveLength(1);
  cluster.patch('pods', 'a', (draft) => {
    draft.metadata.labels = { app: 'other' };
  });
  await cluster.settle();
  expect(endpointsOf(slices()[0])).toEqual([]);
  expect(endpoints()).not.toHaveProperty('subsets');
});

test('publishNotReadyAddresses makes every pod ready', async () => {
  cluster = startCluster({ auto: false });
  cluster.api.create('services', service({ clusterIP: 'None', publishNotReadyAddresses: true }));
  const a = cluster.api.create('pods', pod('a', { app: 'web' }));
  await cluster.settle();
  cluster.kubelet.run(a, false);
  await cluster.settle();
  expect(slices()[0]?.endpoints[0].conditions).toEqual({ ready: true, serving: false, terminating: false });
  expect(slices()[0]?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
  expect(endpoints().subsets[0]).toHaveProperty('addresses');
});

test('what somebody deletes comes back, and all goes with the service', async () => {
  cluster = startCluster();
  cluster.api.create('services', service());
  cluster.api.create('pods', pod('a', { app: 'web' }));
  await cluster.settle();
  cluster.api.delete('endpoints', 'default', 'web');
  cluster.api.delete(SLICES, 'default', slices()[0]?.metadata.name ?? '');
  await cluster.settle();
  expect(endpoints().subsets).toHaveLength(1);
  expect(slices()[0]?.endpoints).toHaveLength(1);
  cluster.api.delete('services', 'default', 'web');
  await cluster.settle();
  expect(slices()).toEqual([]);
  expect(cluster.api.get('endpoints', 'default', 'web')).toBeUndefined();
});

type Step = {
  kind: 'create' | 'ready' | 'unready' | 'relabel' | 'label' | 'delete' | 'gone' | 'finish';
  pod: number;
};

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('create', 'ready', 'unready', 'relabel', 'label', 'delete', 'gone', 'finish'),
    pod: fc.nat({ max: 4 }),
  }),
  { maxLength: 40 },
);

function play({ kind, pod: number }: Step): void {
  const name = `p${number}`;
  const present = cluster.api.get('pods', 'default', name);
  if (!present) {
    if (kind === 'create') cluster.api.create('pods', pod(name, { app: 'web' }));
    return;
  }
  const ended = ['Succeeded', 'Failed'].includes(present.status.phase);
  if (kind === 'ready' && present.spec.nodeName && !ended) cluster.kubelet.run(present);
  if (kind === 'unready' && !ended) cluster.kubelet.setReady(present, false);
  if (kind === 'finish' && present.spec.nodeName) cluster.kubelet.finish(present, 0);
  if (kind === 'relabel' || kind === 'label') {
    cluster.patch('pods', name, (draft) => {
      draft.metadata.labels = { app: kind === 'label' ? 'web' : 'other' };
    });
  }
  if (kind === 'delete') cluster.api.delete('pods', 'default', name);
  if (kind === 'gone' && present.metadata.deletionTimestamp) cluster.kubelet.terminate(present);
}

test('whatever happens to pods, endpoints are exactly the ready pods of the selector', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat({ max: 5 }), async (list, pauseEvery) => {
      cluster = startCluster({ auto: false });
      cluster.api.create('services', service());
      for (const [index, step] of list.entries()) {
        play(step);
        if (pauseEvery > 0 && index % pauseEvery === 0) await cluster.settle();
      }
      await cluster.settle();
      const isReady = ({ status }: KubeObject) =>
        status.conditions?.some(
          (one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True',
        );
      const wanted = cluster
        .pods('app=web')
        .filter((one) => isReady(one) && one.status.phase === 'Running')
        .map((one) => one.status.podIP)
        .sort();
      const inSlices = slices().flatMap(endpointsOf);
      const ready = inSlices.filter((one) => one.conditions.ready).flatMap((one) => one.addresses);
      expect(ready.sort()).toEqual(wanted);
      const addresses = (endpoints().subsets ?? []).flatMap((subset: KubeObject) => subset.addresses ?? []);
      expect(addresses.map((one: { ip: string }) => one.ip).sort()).toEqual(wanted);
      cluster.stop();
    }),
    { numRuns: 50, interruptAfterTimeLimit: 10_000 },
  );
});
