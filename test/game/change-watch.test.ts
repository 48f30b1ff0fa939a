import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { realClock } from '../../src/clock.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import { watchChanges } from '../../src/game/watch/change-watch.ts';
import { OwnWrites } from '../../src/game/watch/own-writes.ts';
import type { Action, Preimage } from '../../src/recorder/action.ts';
import { startTestServer, type TestServer } from '../sandbox/apiserver/test-server.ts';

let server: TestServer;
let cluster: Cluster;
const stop = new AbortController();
// One watch a kind.
setMaxListeners(0, stop.signal);
const seen: Action[] = [];
const recorded: Preimage[] = [];
const own = new OwnWrites();

beforeAll(async () => {
  server = await startTestServer();
  server.api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  for (const name of ['list', 'other']) make(name);
  cluster = await connect({ kubeconfig: server.kubeconfig });
  // Timestamps of objects are whole seconds: what is made after this must not share one with what was there before.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  void watchChanges({
    cluster,
    namespaces: ['shop'],
    clock: realClock,
    own,
    recorded: () => recorded,
    report: (action) => seen.push(action),
    signal: stop.signal,
  });
});
afterAll(async () => {
  stop.abort();
  cluster.close();
  await server.close();
});
beforeEach(() => {
  seen.length = 0;
});

function make(name: string): void {
  server.api.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'shop' },
    data: { a: '1' },
  });
}

function change(name: string, value: string): void {
  server.api.update('configmaps', 'shop', name, (draft) => ({ ...draft, data: { a: value } }));
}

it('reports a change that passed by the recorder, with its paths and an unknown actor', async () => {
  // The watch is up when it reports a first change; it cannot be asked.
  let value = 2;
  await expect
    .poll(
      () => {
        change('list', String(value++));
        return seen.length;
      },
      { timeout: 10_000, interval: 500 },
    )
    .toBeGreaterThan(0);
  expect(seen[0]).toMatchObject({
    who: 'unknown',
    surface: 'cluster',
    effect: 'mutate',
    title: 'configmaps shop/list changed past the recorder: data.a',
  });
  expect(seen[0]?.requests).toEqual([
    {
      verb: 'patch',
      group: '',
      version: 'v1',
      resource: 'configmaps',
      namespace: 'shop',
      name: 'list',
      status: 200,
      paths: ['data.a'],
      changes: [{ path: 'data.a', from: expect.any(String), to: expect.any(String) }],
    },
  ]);
});

it('leaves out what came through the recorder, bookkeeping and what was there before', async () => {
  recorded.push({
    sequence: 1,
    actionId: 'x',
    at: Date.now(),
    who: 'alex',
    apiVersion: 'v1',
    kind: 'ConfigMap',
    resource: 'configmaps',
    namespace: 'shop',
    name: 'other',
    verb: 'patch',
  });
  change('other', '2');
  server.api.update('configmaps', 'shop', 'list', (draft) => ({
    ...draft,
    metadata: { ...draft.metadata, annotations: { a: 'b' } },
  }));
  make('fresh');
  server.api.delete('configmaps', 'shop', 'list');
  server.api.create('cronjobs.batch', cronJob);
  await expect
    .poll(
      () =>
        seen
          .map(({ title }) => title)
          .filter((title) => !title.includes('changed'))
          .sort(),
      {
        timeout: 10_000,
      },
    )
    .toEqual([
      'configmaps shop/fresh created past the recorder',
      'configmaps shop/list deleted past the recorder',
      'cronjobs shop/nightly created past the recorder',
    ]);
  expect(seen.some(({ title }) => title.includes('other'))).toBe(false);
});

it('leaves out what an autoscaler does to its target, and nothing else of it', async () => {
  for (const name of ['scaled', 'still']) server.api.create('deployments.apps', deployment(name));
  server.api.create('horizontalpodautoscalers.autoscaling', autoscaler);
  await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(3);
  seen.length = 0;
  for (const name of ['scaled', 'still'])
    server.api.update('deployments.apps', 'shop', name, (draft) => ({
      ...draft,
      spec: { ...draft.spec, replicas: 4 },
    }));
  const title = 'deployments shop/still changed past the recorder: spec.replicas';
  await expect.poll(() => seen.map((action) => action.title), { timeout: 10_000 }).toEqual([title]);
  server.api.update('deployments.apps', 'shop', 'scaled', (draft) => ({
    ...draft,
    spec: { ...draft.spec, paused: true },
  }));
  await expect
    .poll(() => seen.map((action) => action.title), { timeout: 10_000 })
    .toEqual([title, 'deployments shop/scaled changed past the recorder: spec.paused']);
});

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'node:22' }] },
    },
  },
});

const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'scaled', namespace: 'shop' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' },
    maxReplicas: 5,
  },
};

const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'nightly', namespace: 'shop' },
  spec: {
    schedule: '0 3 * * *',
    jobTemplate: {
      spec: {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'node:22' }] } },
      },
    },
  },
};
