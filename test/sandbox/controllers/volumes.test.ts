import { afterEach, expect, test } from 'vitest';
import { CLASSES, change, claim, storageClass, volume } from '../apiserver/kinds/volumes.ts';
import { type Cluster, condition, node, pod, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const IMMEDIATE = { provisioner: 'storage.local/folder' };
const using = (claimName: string) => ({ volumes: [{ name: 'd', persistentVolumeClaim: { claimName } }] });
const claims = () => cluster.list('persistentvolumeclaims');
const volumes = () => cluster.api.list('persistentvolumes');
const phases = () => [...claims(), ...volumes()].map(({ status }) => status.phase);
const messageOf = (name: string) => condition(cluster.get('pods', name), 'PodScheduled')?.message;

test('the class of a new cluster makes a volume when the first Pod uses the claim, which then runs', async () => {
  cluster = startCluster({ nodes: [node('a'), node('b')] });
  claim(cluster.api, 'data');
  await cluster.settle();
  expect(phases()).toEqual(['Pending']);
  expect(cluster.events().join()).toContain('waiting for first consumer to be created before binding');
  cluster.api.create('pods', pod('app', {}, using('data')));
  await cluster.settle();
  expect(phases()).toEqual(['Bound', 'Bound']);
  const [made] = volumes();
  expect(made).toMatchObject({
    metadata: { name: `pvc-${claims()[0]?.metadata.uid}` },
    spec: {
      storageClassName: 'standard',
      persistentVolumeReclaimPolicy: 'Delete',
      capacity: { storage: '1Gi' },
    },
  });
  expect(claims()[0]).toMatchObject({
    spec: { volumeName: made?.metadata.name },
    status: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
  });
  expect(cluster.get('pods', 'app').spec.nodeName).toBeDefined();
  expect(cluster.errors).toEqual([]);
});

test('a class that binds at once waits for nobody', async () => {
  cluster = startCluster();
  storageClass(cluster.api, 'now', IMMEDIATE);
  claim(cluster.api, 'data', { storageClassName: 'now' });
  await cluster.settle();
  expect(phases()).toEqual(['Bound', 'Bound']);
});

test('of the volumes that are there the smallest that fits is bound', async () => {
  cluster = startCluster();
  volume(cluster.api, 'small', { capacity: { storage: '500Mi' } });
  volume(cluster.api, 'large', { capacity: { storage: '9Gi' } });
  volume(cluster.api, 'right', { capacity: { storage: '2Gi' } });
  volume(cluster.api, 'other', { storageClassName: 'other' });
  claim(cluster.api, 'data', { storageClassName: '' });
  await cluster.settle();
  expect(claims()[0]?.spec.volumeName).toBe('right');
  expect(volumes().map(({ metadata, status }) => `${metadata.name} ${status.phase}`)).toEqual([
    'large Available',
    'other Available',
    'right Bound',
    'small Available',
  ]);
});

test('the volume goes with its claim, which stays while a Pod uses it', async () => {
  cluster = startCluster();
  claim(cluster.api, 'data');
  cluster.api.create('pods', pod('app', {}, using('data')));
  await cluster.settle();
  cluster.api.delete('persistentvolumeclaims', 'default', 'data', {});
  cluster.api.delete('persistentvolumes', undefined, volumes()[0]?.metadata.name ?? '', {});
  await cluster.settle();
  expect(claims()).toHaveLength(1);
  expect(volumes()).toHaveLength(1);
  cluster.api.delete('pods', 'default', 'app', {});
  await cluster.settle();
  expect(claims()).toEqual([]);
  expect(volumes()).toEqual([]);
});

test('a volume whose data is to be retained is released, and given to no other claim', async () => {
  cluster = startCluster();
  volume(cluster.api, 'v');
  claim(cluster.api, 'data', { storageClassName: '' });
  await cluster.settle();
  cluster.api.delete('persistentvolumeclaims', 'default', 'data', {});
  claim(cluster.api, 'next', { storageClassName: '' });
  await cluster.settle();
  expect(phases()).toEqual(['Pending', 'Released']);
  change(cluster.api, 'persistentvolumes', 'v', ({ spec }) => {
    spec.claimRef = undefined;
  });
  await cluster.settle();
  expect(phases()).toEqual(['Bound', 'Bound']);
});

test('a claim whose volume is gone is lost', async () => {
  cluster = startCluster();
  volume(cluster.api, 'v');
  claim(cluster.api, 'data', { storageClassName: '' });
  await cluster.settle();
  change(cluster.api, 'persistentvolumes', 'v', ({ metadata }) => {
    metadata.finalizers = [];
  });
  cluster.api.delete('persistentvolumes', undefined, 'v', {});
  await cluster.settle();
  expect(phases()).toEqual(['Lost']);
  cluster.api.create('pods', pod('app', {}, using('data')));
  await cluster.settle();
  expect(messageOf('app')).toContain(
    'persistentvolumeclaim "data" bound to non-existent persistentvolume "v"',
  );
});

test.each([
  ['is not there', undefined, 'persistentvolumeclaim "data" not found. not found'],
  ['has a class that is not there', 'none', 'pod has unbound immediate PersistentVolumeClaims. not found'],
  ['has no class', '', 'pod has unbound immediate PersistentVolumeClaims. not found'],
])('a Pod whose claim %s waits', async (_, storageClassName, message) => {
  cluster = startCluster();
  if (storageClassName !== undefined) claim(cluster.api, 'data', { storageClassName });
  cluster.api.create('pods', pod('app', {}, using('data')));
  await cluster.settle();
  expect(messageOf('app')).toBe(`0/1 nodes are available: ${message}`);
});

test('a Pod goes where its volume can be reached', async () => {
  cluster = startCluster({ nodes: [node('a'), node('b')] });
  const only = (name: string) => ({
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] },
        ],
      },
    },
  });
  for (const name of ['b', 'c']) {
    volume(cluster.api, `on-${name}`, { storageClassName: name, ...only(name) });
    claim(cluster.api, `on-${name}`, { storageClassName: name });
    cluster.api.create('pods', pod(`on-${name}`, {}, using(`on-${name}`)));
  }
  await cluster.settle();
  expect(cluster.get('pods', 'on-b').spec.nodeName).toBe('b');
  expect(messageOf('on-c')).toContain('2 node(s) had volume node affinity conflict');
});

test('a member of a StatefulSet gets a claim of its own, and finds it again', async () => {
  cluster = startCluster();
  const template = {
    metadata: { labels: { app: 'db' } },
    spec: { containers: [{ name: 'db', image: 'busybox:1' }] },
  };
  cluster.api.create('statefulsets.apps', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      serviceName: 'db',
      replicas: 2,
      selector: { matchLabels: { app: 'db' } },
      template,
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  });
  await cluster.settle();
  expect(claims().map(({ metadata, status }) => `${metadata.name} ${status.phase}`)).toEqual([
    'data-db-0 Bound',
    'data-db-1 Bound',
  ]);
  expect(cluster.get('pods', 'db-1').spec.volumes[0]).toEqual({
    name: 'data',
    persistentVolumeClaim: { claimName: 'data-db-1' },
  });
  expect(cluster.events()).toContain(
    'StatefulSet/db Normal SuccessfulCreate: create Claim data-db-1 Pod db-1 in StatefulSet db success',
  );
  const before = claims().map(({ spec }) => spec.volumeName);
  cluster.api.delete('pods', 'default', 'db-0', {});
  await cluster.settle();
  expect(cluster.get('pods', 'db-0').status.phase).toBe('Running');
  expect(claims().map(({ spec }) => spec.volumeName)).toEqual(before);
});

test('who deletes the class of a new cluster has none, and claims wait', async () => {
  cluster = startCluster();
  cluster.api.delete(CLASSES, undefined, 'standard', {});
  claim(cluster.api, 'data');
  await cluster.settle();
  expect(cluster.events().join()).toContain(
    'no persistent volumes available for this claim and no storage class',
  );
});
