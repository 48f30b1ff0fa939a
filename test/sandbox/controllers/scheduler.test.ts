import { afterEach, expect, test } from 'vitest';
import { type Cluster, condition, deployment, node, pod, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const nodeOf = (name: string) => cluster.get('pods', name).spec.nodeName;
const asking = (requests: Record<string, string>) => ({
  containers: [{ name: 'app', image: 'node:20', resources: { requests } }],
});

test('replicas are spread over the nodes', async () => {
  cluster = startCluster({ nodes: [node('a'), node('b'), node('c')] });
  cluster.api.create('deployments.apps', deployment('web', { replicas: 6 }));
  await cluster.settle();
  const nodes = cluster.pods().map((one) => one.spec.nodeName);
  expect(nodes.sort()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
});

test('the least loaded node is chosen', async () => {
  cluster = startCluster({ nodes: [node('a'), node('b')] });
  cluster.api.create('pods', pod('big', {}, { ...asking({ cpu: '3' }), nodeName: 'a' }));
  cluster.api.create('pods', pod('next', {}, asking({ cpu: '500m' })));
  await cluster.settle();
  expect(nodeOf('next')).toBe('b');
});

test('of the pods that wait for the same room the one with the highest priority gets it, then the first', async () => {
  cluster = startCluster({ nodes: [node('a', { cpu: '1' })] });
  cluster.api.create('priorityclasses.scheduling.k8s.io', {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'patient' },
    value: 1000,
    preemptionPolicy: 'Never',
  });
  const all = asking({ cpu: '600m' });
  cluster.api.create('pods', pod('holder', {}, all));
  await cluster.settle();
  cluster.api.create('pods', pod('early', {}, all));
  cluster.api.create('pods', pod('late', {}, all));
  cluster.api.create('pods', pod('urgent', {}, { ...all, priorityClassName: 'patient' }));
  await cluster.settle();
  const order: string[] = [];
  for (const gone of ['holder', 'urgent', 'early']) {
    cluster.api.delete('pods', 'default', gone);
    await cluster.settle();
    order.push(...cluster.pods().flatMap(({ metadata, spec }) => (spec.nodeName ? metadata.name : [])));
  }
  expect(order).toEqual(['urgent', 'early', 'late']);
});

test('binding is one write that is no new generation, and tells of itself', async () => {
  cluster = startCluster({ auto: false });
  cluster.api.create('pods', pod('a'));
  await cluster.settle();
  const bound = cluster.get('pods', 'a');
  expect(bound.metadata.generation).toBe(1);
  expect(bound.status).toMatchObject({ phase: 'Pending' });
  expect(condition(bound, 'PodScheduled')).toMatchObject({ status: 'True', observedGeneration: 1 });
  const [event] = cluster.list('events');
  expect(event).toMatchObject({
    reason: 'Scheduled',
    type: 'Normal',
    action: 'Binding',
    message: 'Successfully assigned default/a to node-a',
    reportingComponent: 'default-scheduler',
  });
  expect(event).not.toHaveProperty('count');
});

test('a pod that fits nowhere says why, and is scheduled when there is room', async () => {
  cluster = startCluster({ nodes: [node('a', { cpu: '1' }), node('b', { cpu: '2' })] });
  cluster.api.create('pods', pod('first', {}, asking({ cpu: '1500m' })));
  await cluster.settle();
  expect(nodeOf('first')).toBe('b');
  cluster.api.create('pods', pod('second', {}, asking({ cpu: '1500m' })));
  await cluster.settle();
  const message =
    '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are ' +
    'available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.';
  expect(condition(cluster.get('pods', 'second'), 'PodScheduled')).toMatchObject({
    status: 'False',
    reason: 'Unschedulable',
    message,
  });
  expect(cluster.events()).toContain(`Pod/second Warning FailedScheduling: ${message}`);
  cluster.api.delete('pods', 'default', 'first');
  await cluster.settle();
  expect(nodeOf('second')).toBe('b');
});

test('node selectors, taints and tolerations are heeded', async () => {
  cluster = startCluster({ nodes: [node('a'), node('b', { labels: { disk: 'fast' } })] });
  cluster.api.create('pods', pod('picky', {}, { nodeSelector: { disk: 'fast' } }));
  await cluster.settle();
  expect(nodeOf('picky')).toBe('b');
  cluster.api.update('nodes', undefined, 'a', (draft) => {
    draft.spec.taints = [{ key: 'team', value: 'x', effect: 'NoSchedule' }];
    return draft;
  });
  const toleration = { key: 'team', operator: 'Equal', value: 'x', effect: 'NoSchedule' };
  cluster.api.create('pods', pod('plain'));
  cluster.api.create(
    'pods',
    pod('guest', {}, { tolerations: [toleration], nodeSelector: { 'kubernetes.io/hostname': 'a' } }),
  );
  cluster.api.create('pods', pod('lost', {}, { nodeSelector: { 'kubernetes.io/hostname': 'a' } }));
  await cluster.settle();
  expect(nodeOf('plain')).toBe('b');
  expect(nodeOf('guest')).toBe('a');
  expect(condition(cluster.get('pods', 'lost'), 'PodScheduled')?.message).toContain(
    "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s).",
  );
});

test('a cordoned node is tainted and takes no pods until it is uncordoned', async () => {
  cluster = startCluster();
  const cordon = async (value: boolean) => {
    cluster.api.update('nodes', undefined, 'node-a', (draft) => {
      if (value) draft.spec.unschedulable = true;
      else delete draft.spec.unschedulable;
      return draft;
    });
    await cluster.settle();
    return cluster.api.get('nodes', undefined, 'node-a')?.spec;
  };
  expect(await cordon(true)).toMatchObject({
    taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }],
  });
  cluster.api.create('pods', pod('a'));
  await cluster.settle();
  expect(condition(cluster.get('pods', 'a'), 'PodScheduled')?.message).toBe(
    '0/1 nodes are available: 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/1 nodes ' +
      'are available: 1 Preemption is not helpful for scheduling.',
  );
  expect(await cordon(false)).not.toHaveProperty('taints');
  expect(nodeOf('a')).toBe('node-a');
});

test('pods of another scheduler are left alone', async () => {
  cluster = startCluster();
  cluster.api.create('pods', pod('a', {}, { schedulerName: 'nobody' }));
  await cluster.settle();
  expect(cluster.get('pods', 'a').spec).not.toHaveProperty('nodeName');
  expect(cluster.events()).toEqual([]);
});
