import { afterEach, expect, test } from 'vitest';
import { type Cluster, node, podTemplate, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const three = ['node-a', 'node-b', 'node-c'].map((name) => node(name));

function daemonSet(spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'agent' } }, template: podTemplate({ app: 'agent' }), ...spec },
  };
}

async function start(spec: Record<string, unknown> = {}, auto = true): Promise<void> {
  cluster = startCluster({ auto, nodes: three });
  cluster.api.create('daemonsets.apps', daemonSet(spec));
  await cluster.settle();
}

const agent = () => cluster.get('daemonsets.apps', 'agent');
const places = () =>
  cluster
    .pods()
    .map(({ spec }) => spec.nodeName)
    .sort();
const images = () => cluster.pods().map(({ spec }) => spec.containers[0].image);

async function setImage(image: string): Promise<void> {
  cluster.patch('daemonsets.apps', 'agent', ({ spec }) => {
    spec.template.spec.containers[0].image = image;
  });
  await cluster.settle();
}

async function taint(name: string, effect: string): Promise<void> {
  cluster.api.update('nodes', undefined, name, (draft) => {
    draft.spec.taints = [{ key: 'broken', effect }];
    return draft;
  });
  await cluster.settle();
}

test('every node has one pod', async () => {
  await start();
  expect(places()).toEqual(['node-a', 'node-b', 'node-c']);
  expect(agent().status).toMatchObject({
    desiredNumberScheduled: 3,
    currentNumberScheduled: 3,
    numberReady: 3,
    numberAvailable: 3,
    updatedNumberScheduled: 3,
    numberMisscheduled: 0,
  });
});

test('a pod that is deleted comes back on its node, cordoned or not', async () => {
  await start();
  cluster.api.update('nodes', undefined, 'node-b', (draft) => {
    draft.spec.unschedulable = true;
    return draft;
  });
  await cluster.settle();
  const lost = cluster.pods().find(({ spec }) => spec.nodeName === 'node-b');
  cluster.api.delete('pods', 'default', lost!.metadata.name);
  await cluster.settle();
  expect(places()).toEqual(['node-a', 'node-b', 'node-c']);
  expect(cluster.pods().map(({ metadata }) => metadata.name)).not.toContain(lost!.metadata.name);
});

test('a node that is not selected has none, and one that stops being selected loses its pod', async () => {
  await start({ template: podTemplate({ app: 'agent' }, { nodeSelector: { disk: 'fast' } }) });
  expect(places()).toEqual([]);
  const label = async (labels: Record<string, string>) => {
    cluster.api.update('nodes', undefined, 'node-c', (draft) => {
      draft.metadata.labels = labels;
      return draft;
    });
    await cluster.settle();
  };
  await label({ disk: 'fast' });
  expect(places()).toEqual(['node-c']);
  await label({});
  expect(places()).toEqual([]);
});

test('a taint that forbids scheduling leaves the pod that is there and counts it as misplaced', async () => {
  await start();
  await taint('node-a', 'NoSchedule');
  expect(places()).toEqual(['node-a', 'node-b', 'node-c']);
  expect(agent().status).toMatchObject({ desiredNumberScheduled: 2, numberMisscheduled: 1 });
});

test('a taint that forbids running drives the pod out, and it comes back when the taint goes', async () => {
  await start();
  await taint('node-a', 'NoExecute');
  expect(places()).toEqual(['node-b', 'node-c']);
  cluster.api.update('nodes', undefined, 'node-a', (draft) => {
    delete draft.spec.taints;
    return draft;
  });
  await cluster.settle();
  expect(places()).toEqual(['node-a', 'node-b', 'node-c']);
});

test('a rolling update takes down as many pods at once as maxUnavailable allows', async () => {
  await start({}, false);
  for (const pod of cluster.pods()) cluster.kubelet.run(pod);
  await cluster.settle();
  await setImage('node:22');
  expect(cluster.pods()).toHaveLength(2);
  const going = cluster.list('pods').find(({ metadata }) => metadata.deletionTimestamp);
  cluster.kubelet.terminate(going!);
  await cluster.settle();
  // The new pod is not ready yet: the next has to wait.
  expect(images().sort()).toEqual(['node:20', 'node:20', 'node:22']);
  expect(agent().status).toMatchObject({ updatedNumberScheduled: 1, numberUnavailable: 1 });
});

test('an update runs to its end and back, with one revision for each template', async () => {
  await start();
  await setImage('node:22');
  expect(images()).toEqual(['node:22', 'node:22', 'node:22']);
  await setImage('node:20');
  expect(images()).toEqual(['node:20', 'node:20', 'node:20']);
  const revisions = cluster.list('controllerrevisions.apps').map(({ revision }) => revision);
  expect(revisions.sort()).toEqual([2, 3]);
  expect(agent().metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '3' });
});

test('with maxSurge the old pod goes only when the new one is available', async () => {
  await start({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }, false);
  for (const pod of cluster.pods()) cluster.kubelet.run(pod);
  await cluster.settle();
  await setImage('node:22');
  expect(images().sort()).toEqual(['node:20', 'node:20', 'node:20', 'node:22']);
  const fresh = cluster.pods().find(({ spec }) => spec.containers[0].image === 'node:22');
  cluster.kubelet.run(fresh!);
  await cluster.settle();
  const old = cluster.list('pods').filter(({ metadata }) => metadata.deletionTimestamp);
  expect(old.map(({ spec }) => spec.nodeName)).toEqual([fresh!.spec.nodeName]);
  expect(images().sort()).toEqual(['node:20', 'node:20', 'node:22', 'node:22']);
});

test('OnDelete leaves old pods until somebody deletes them', async () => {
  await start({ updateStrategy: { type: 'OnDelete' } });
  await setImage('node:22');
  expect(images()).toEqual(['node:20', 'node:20', 'node:20']);
  cluster.api.delete('pods', 'default', cluster.pods()[0]!.metadata.name);
  await cluster.settle();
  expect(images().sort()).toEqual(['node:20', 'node:20', 'node:22']);
});

test('a failed pod is told of and replaced', async () => {
  await start();
  const [pod] = cluster.pods();
  cluster.kubelet.finish(pod!, 1);
  await cluster.settle();
  expect(places()).toEqual(['node-a', 'node-b', 'node-c']);
  expect(cluster.events()).toContain(
    `DaemonSet/agent Warning FailedDaemonPod: Found failed daemon pod default/${pod!.metadata.name} on node ${pod!.spec.nodeName}, will try to kill it`,
  );
});
