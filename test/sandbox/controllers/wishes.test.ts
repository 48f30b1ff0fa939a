import { afterEach, expect, test } from 'vitest';
import { type Cluster, condition, node, pod, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const host = 'kubernetes.io/hostname';
const zone = 'topology.kubernetes.io/zone';
const machine = (name: string, place: string, more: object = {}) =>
  node(name, { labels: { [host]: name, [zone]: place }, ...more });
const nodeOf = (name: string) => cluster.get('pods', name).spec.nodeName;
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
const near = (labels: Record<string, string>, topologyKey = host) => ({
  [preferred]: [{ weight: 50, podAffinityTerm: { topologyKey, labelSelector: { matchLabels: labels } } }],
});
const add = async (name: string, spec: Record<string, unknown> = {}, labels: Record<string, string> = {}) => {
  cluster.api.create('pods', pod(name, labels, spec));
  await cluster.settle();
};
const spread = (more: object) => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: zone, labelSelector: { matchLabels: { app: 'web' } }, ...more },
  ],
});

test('a node that a pod would rather have is taken, though it is fuller', async () => {
  cluster = startCluster({ nodes: [machine('a', 'x'), machine('b', 'y'), machine('c', 'z')] });
  const full = { containers: [{ name: 'c', image: 'node:20', resources: { requests: { cpu: '3' } } }] };
  await add('full', { ...full, nodeName: 'b' });
  const term = { matchExpressions: [{ key: zone, operator: 'In', values: ['y'] }] };
  await add('picky', { affinity: { nodeAffinity: { [preferred]: [{ weight: 1, preference: term }] } } });
  expect(nodeOf('picky')).toBe('b');
});

test('pods go to those that they would rather be near, and away from those that they would not', async () => {
  cluster = startCluster({ nodes: [machine('a', 'x'), machine('b', 'y'), machine('c', 'y')] });
  await add('web', { nodeName: 'b' }, { app: 'web' });
  await add('friend', { affinity: { podAffinity: near({ app: 'web' }) } });
  expect(nodeOf('friend')).toBe('b');
  await add('shy', { affinity: { podAntiAffinity: near({ app: 'web' }, zone) } });
  expect(nodeOf('shy')).toBe('a');
  await add('lonely', { affinity: { podAntiAffinity: near({ app: 'web' }, 'no-such-key') } });
  expect(nodeOf('lonely')).toBeDefined();
});

test('pods that wish to be spread over zones are, as long as there is room', async () => {
  cluster = startCluster({ nodes: [machine('a', 'x'), machine('b', 'x'), machine('c', 'y', { pods: 2 })] });
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    await add(name, spread({ whenUnsatisfiable: 'ScheduleAnyway' }), { app: 'web' });
  }
  const nodes = ['one', 'two', 'three', 'four', 'five'].map(nodeOf);
  expect(nodes.slice(0, 4).filter((name) => name === 'c')).toHaveLength(2);
  expect(nodes[4]).not.toBe('c');
});

test('as long as there are fewer zones than wanted, no zone gets more than the skew', async () => {
  cluster = startCluster({ nodes: [machine('a', 'x'), machine('b', 'y')] });
  const wide = spread({ whenUnsatisfiable: 'DoNotSchedule', minDomains: 3 });
  for (const name of ['one', 'two', 'three']) await add(name, wide, { app: 'web' });
  expect([nodeOf('one'), nodeOf('two')].sort()).toEqual(['a', 'b']);
  expect(condition(cluster.get('pods', 'three'), 'PodScheduled')?.message).toContain(
    "2 node(s) didn't match pod topology spread constraints",
  );
});

test('only pods of the same revision count, and nodes whose taints a pod does not tolerate if it says so', async () => {
  cluster = startCluster({ nodes: [machine('a', 'x'), machine('b', 'y')] });
  await add('old', { nodeName: 'a' }, { app: 'web', rev: '1' });
  const byRevision = spread({ whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['rev'] });
  await add('new', { ...byRevision, nodeSelector: { [host]: 'a' } }, { app: 'web', rev: '2' });
  expect(nodeOf('new')).toBe('a');
  cluster.api.update('nodes', undefined, 'b', (draft) => {
    draft.spec.taints = [{ key: 'k', effect: 'NoSchedule' }];
    return draft;
  });
  const plain = spread({ whenUnsatisfiable: 'DoNotSchedule' });
  await add('waits', plain, { app: 'web' });
  expect(nodeOf('waits')).toBeUndefined();
  await add('goes', spread({ whenUnsatisfiable: 'DoNotSchedule', nodeTaintsPolicy: 'Honor' }), {
    app: 'web',
  });
  expect(nodeOf('goes')).toBe('a');
});
