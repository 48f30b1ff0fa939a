import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Cluster, condition, node, pod, startCluster } from './cluster.ts';

let cluster: Cluster;
afterEach(() => cluster.stop());

const asking = (cpu: string, more: object = {}) => ({
  containers: [{ name: 'app', image: 'node:20', resources: { requests: { cpu } } }],
  ...more,
});
const urgent = (more: object = {}) => ({ priorityClassName: 'urgent', ...more });
const nodeOf = (name: string) => cluster.get('pods', name).spec.nodeName;
const names = () => cluster.pods().map(({ metadata }) => metadata.name);
const why = (name: string) => condition(cluster.get('pods', name), 'PodScheduled')?.message ?? '';

function priorityClass(name: string, value: number, more: object = {}): void {
  cluster.api.create('priorityclasses.scheduling.k8s.io', {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    ...more,
  });
}

async function start(...nodes: string[]): Promise<void> {
  cluster = startCluster({ nodes: nodes.map((name) => node(name, { cpu: '1' })) });
  priorityClass('urgent', 1000);
  priorityClass('usual', 10);
  priorityClass('patient', 1000, { preemptionPolicy: 'Never' });
  await cluster.settle();
}

const add = async (name: string, spec: Record<string, unknown>, labels: Record<string, string> = {}) => {
  cluster.api.create('pods', pod(name, labels, spec));
  await cluster.settle();
};

describe('a pod for which there is no room', () => {
  beforeEach(() => start('a'));

  test('ends a less urgent one and takes its place', async () => {
    await add('small', asking('600m'));
    cluster.api.create('pods', pod('big', {}, asking('700m', urgent())));
    await cluster.settle();
    expect(nodeOf('big')).toBe('a');
    expect(names()).toEqual(['big']);
    const events = cluster.events().join('\n');
    expect(events).toContain(
      'Pod/big Warning FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.\n',
    );
    expect(events).toMatch(/Pod\/small Normal Preempted: Preempted by pod [0-9a-f-]{36} on node a/);
    expect(cluster.get('pods', 'big').status.nominatedNodeName).toBeUndefined();
  });

  test('ends no more than it has to, and the least urgent first', async () => {
    await add('usual', asking('400m', { priorityClassName: 'usual' }));
    await add('spare', asking('400m'));
    await add('big', asking('500m', urgent()));
    expect(names().sort()).toEqual(['big', 'usual']);
  });

  test('spares those whose budget allows no disruption, if others do', async () => {
    await add('guarded', asking('400m'), { app: 'guarded' });
    cluster.api.create('poddisruptionbudgets.policy', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b', namespace: 'default' },
      spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'guarded' } } },
    });
    await add('usual', asking('400m', { priorityClassName: 'usual' }));
    await add('big', asking('500m', urgent()));
    expect(names().sort()).toEqual(['big', 'guarded']);
  });

  test('ends nobody who is as urgent, and nobody at all where that does not help or is not its way', async () => {
    await add('first', asking('600m', urgent()));
    await add('second', asking('600m', urgent()));
    expect(why('second')).toContain('preemption: 0/1 nodes are available: 1 No preemption victims found');
    await add('huge', asking('2', urgent()));
    expect(why('huge')).toContain(
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
    cluster.api.delete('pods', 'default', 'first', { gracePeriodSeconds: 0 });
    cluster.api.delete('pods', 'default', 'second', { gracePeriodSeconds: 0 });
    await add('low', asking('600m'));
    await add('calm', asking('600m', { priorityClassName: 'patient' }));
    expect(why('calm')).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    );
    expect(names()).toContain('low');
  });
});

test('of two nodes the one is chosen where less is lost', async () => {
  await start('a', 'b');
  await add('usual', asking('900m', { priorityClassName: 'usual', nodeName: 'a' }));
  await add('low', asking('900m', { nodeName: 'b' }));
  await add('big', asking('500m', urgent()));
  expect(nodeOf('big')).toBe('b');
  expect(names().sort()).toEqual(['big', 'usual']);
});
