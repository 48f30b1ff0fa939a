import { afterEach, expect, test } from 'vitest';
import { type Cluster, condition, deployment, node, pod, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const NO_EXECUTE = { key: 'broken', effect: 'NoExecute' };

function taint(name: string, taints: object[]): void {
  cluster.api.update('nodes', undefined, name, (draft) => {
    draft.spec.taints = taints;
    return draft;
  });
}

test('the pods of a node that was deleted are given up after 40 s and made anew elsewhere', async () => {
  cluster = startCluster({ auto: false, nodes: [node('a'), node('b')] });
  cluster.api.create('deployments.apps', deployment('web', { replicas: 2 }));
  await cluster.settle();
  for (const one of cluster.pods()) cluster.kubelet.run(one);
  cluster.api.delete('nodes', undefined, 'a');
  await cluster.pass(39);
  expect(cluster.pods().map((one) => one.spec.nodeName)).toEqual(expect.arrayContaining(['a', 'b']));
  await cluster.pass(1);
  expect(cluster.pods().map((one) => one.spec.nodeName)).toEqual(['b', 'b']);
});

test('a NoExecute taint drives out the pods that do not tolerate it', async () => {
  cluster = startCluster({ auto: false });
  cluster.api.create('pods', pod('weak'));
  cluster.api.create('pods', pod('strong', {}, { tolerations: [{ key: 'broken', operator: 'Exists' }] }));
  const patient = { key: 'broken', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 };
  cluster.api.create('pods', pod('patient', {}, { tolerations: [patient] }));
  await cluster.settle();
  taint('node-a', [{ ...NO_EXECUTE, timeAdded: '2026-01-01T00:00:00Z' }]);
  await cluster.settle();
  const staying = () => cluster.pods().map((one) => one.metadata.name);
  expect(staying()).toEqual(['patient', 'strong']);
  expect(condition(cluster.get('pods', 'weak'), 'DisruptionTarget')?.reason).toBe('DeletionByTaintManager');
  expect(cluster.events()).toContain(
    'Pod/weak Normal TaintManagerEviction: Marking for deletion Pod default/weak',
  );
  await cluster.pass(4);
  expect(staying()).toEqual(['patient', 'strong']);
  await cluster.pass(1);
  expect(staying()).toEqual(['strong']);
});
