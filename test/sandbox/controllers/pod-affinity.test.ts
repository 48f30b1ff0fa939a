import { afterEach, describe, expect, test } from 'vitest';
import { type Cluster, condition, deployment, node, pod, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const host = 'kubernetes.io/hostname';
const zone = 'topology.kubernetes.io/zone';
const machine = (name: string, place = `zone-${name}`) =>
  node(name, { labels: { [host]: name, [zone]: place } });
const nodeOf = (name: string) => cluster.get('pods', name).spec.nodeName;
const why = (name: string) => condition(cluster.get('pods', name), 'PodScheduled')?.message ?? '';
const about = (labels: Record<string, string>, topologyKey = host, more = {}) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [
    { topologyKey, labelSelector: { matchLabels: labels }, ...more },
  ],
});
const apart = (labels: Record<string, string>, topologyKey?: string, more?: object) => ({
  affinity: { podAntiAffinity: about(labels, topologyKey, more) },
});
const near = (labels: Record<string, string>, topologyKey?: string, more?: object) => ({
  affinity: { podAffinity: about(labels, topologyKey, more) },
});

describe('case Q8: pods that must not share a node', () => {
  test('the one too many waits and says why', async () => {
    cluster = startCluster({ nodes: [machine('a'), machine('b'), machine('c')] });
    const apps = deployment('apart', { replicas: 4 });
    const { labels } = apps.spec.template.metadata;
    Object.assign(apps.spec.template.spec, apart(labels));
    cluster.api.create('deployments.apps', apps);
    await cluster.settle();
    const pods = cluster.pods();
    expect(pods.flatMap(({ spec }) => spec.nodeName ?? []).sort()).toEqual(['a', 'b', 'c']);
    const waiting = pods.find(({ spec }) => !spec.nodeName)!;
    expect(why(waiting.metadata.name)).toBe(
      "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
    );
    expect(cluster.events().join('\n')).toContain(
      `Pod/${waiting.metadata.name} Warning FailedScheduling: 0/3`,
    );
  });

  test('a pod that is there keeps others away as well', async () => {
    cluster = startCluster({ nodes: [machine('a')] });
    cluster.api.create('pods', pod('alone', { app: 'alone' }, apart({ app: 'loud' })));
    await cluster.settle();
    cluster.api.create('pods', pod('loud', { app: 'loud' }));
    await cluster.settle();
    expect(nodeOf('loud')).toBeUndefined();
    expect(why('loud')).toContain("1 node(s) didn't satisfy existing pods anti-affinity rules");
    cluster.api.delete('pods', 'default', 'alone', { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(nodeOf('loud')).toBe('a');
  });

  test('apart can mean zones, and pods of other namespaces count only where they are named', async () => {
    cluster = startCluster({ nodes: [machine('a', 'x'), machine('b', 'x'), machine('c', 'y')] });
    for (const name of ['other', 'named']) {
      const labels = { team: name };
      cluster.api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    }
    const there = (namespace: string, nodeName: string) => {
      const made = pod('there', { app: 'web' }, { nodeName });
      return cluster.api.create('pods', { ...made, metadata: { ...made.metadata, namespace } });
    };
    there('other', 'c');
    there('named', 'a');
    await cluster.settle();
    cluster.api.create('pods', pod('free', {}, apart({ app: 'web' }, zone)));
    const selector = { namespaceSelector: { matchLabels: { team: 'named' } } };
    cluster.api.create('pods', pod('by-name', {}, apart({ app: 'web' }, zone, { namespaces: ['named'] })));
    cluster.api.create('pods', pod('by-labels', {}, apart({ app: 'web' }, zone, selector)));
    await cluster.settle();
    expect(nodeOf('free')).toBeDefined();
    expect(nodeOf('by-name')).toBe('c');
    expect(nodeOf('by-labels')).toBe('c');
  });
});

describe('case Q8: pods that must be near to others', () => {
  test('they go where those are, and wait until there is one', async () => {
    cluster = startCluster({ nodes: [machine('a'), machine('b')] });
    cluster.api.create('pods', pod('guest', {}, near({ app: 'host' })));
    await cluster.settle();
    expect(nodeOf('guest')).toBeUndefined();
    expect(why('guest')).toContain(
      "2 node(s) didn't match pod affinity rules. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    );
    cluster.api.create('pods', pod('host', { app: 'host' }, { nodeSelector: { [host]: 'b' } }));
    await cluster.settle();
    expect(nodeOf('guest')).toBe('b');
  });

  test('the first of its own kind may go anywhere, the next ones to it', async () => {
    cluster = startCluster({ nodes: [machine('a'), machine('b'), machine('c')] });
    for (const name of ['one', 'two', 'three']) {
      cluster.api.create('pods', pod(name, { app: 'pack' }, near({ app: 'pack' })));
      await cluster.settle();
    }
    expect(new Set(['one', 'two', 'three'].map(nodeOf)).size).toBe(1);
  });
});

test('case Q8: a spread that must hold leaves the pod waiting that would break it', async () => {
  cluster = startCluster({ nodes: [machine('a'), machine('b')] });
  const constraint = (whenUnsatisfiable: string) => ({
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: host, whenUnsatisfiable, labelSelector: { matchLabels: { app: 'even' } } },
    ],
  });
  for (const [index, home] of ['a', 'a'].entries()) {
    cluster.api.create('pods', pod(`there-${index}`, { app: 'even' }, { nodeName: home }));
  }
  const onA = { nodeSelector: { [host]: 'a' } };
  cluster.api.create('pods', pod('fine', { app: 'even' }, constraint('DoNotSchedule')));
  await cluster.settle();
  expect(nodeOf('fine')).toBe('b');
  cluster.api.create('pods', pod('soft', { app: 'even' }, { ...constraint('ScheduleAnyway'), ...onA }));
  await cluster.settle();
  expect(nodeOf('soft')).toBe('a');
});
