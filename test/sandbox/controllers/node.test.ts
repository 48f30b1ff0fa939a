import { afterEach, expect, test } from 'vitest';
import { type Cluster, condition, node, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const LEASES = 'leases.coordination.k8s.io';
const lease = () => cluster.api.get(LEASES, 'kube-node-lease', 'a');

test('virtual nodes are registered as kubelets register theirs', () => {
  cluster = startCluster({ nodes: [node('a', { labels: { 'topology.kubernetes.io/zone': 'z1' } })] });
  const object = cluster.api.get('nodes', undefined, 'a');
  expect(object).toMatchObject({
    metadata: { labels: { 'kubernetes.io/hostname': 'a', 'topology.kubernetes.io/zone': 'z1' } },
    spec: { podCIDR: '10.244.0.0/24' },
    status: {
      capacity: { cpu: '4', memory: '8Gi', pods: '110' },
      addresses: [
        { type: 'InternalIP', address: '192.168.0.1' },
        { type: 'Hostname', address: 'a' },
      ],
    },
  });
  if (object) expect(condition(object, 'Ready')).toMatchObject({ status: 'True', reason: 'KubeletReady' });
});

test('leases are renewed every 10 s, of nodes that are still there', async () => {
  cluster = startCluster({ nodes: [node('a')] });
  expect(lease()?.spec).toMatchObject({ holderIdentity: 'a', renewTime: '2026-01-01T00:00:00.000000Z' });
  await cluster.pass(10);
  expect(lease()?.spec.renewTime).toBe('2026-01-01T00:00:10.000000Z');
  cluster.api.delete('nodes', undefined, 'a');
  await cluster.pass(20);
  expect(lease()).toBeUndefined();
});

test('nothing is written between heartbeats when nothing happens', async () => {
  cluster = startCluster();
  await cluster.pass(11);
  const before = cluster.api.store.revision;
  await cluster.pass(8);
  expect(cluster.api.store.revision).toBe(before);
});
