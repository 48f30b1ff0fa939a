/** recreate and replay on real pods in a real sandbox. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { evaluate } from '../../src/check/evaluate.ts';
import { type Check, checkSchema } from '../../src/check/grammar.ts';
import { removeMade } from '../../src/check/kind.ts';
import type { Cluster, ClusterObject } from '../../src/cluster/cluster.ts';
import { podSpec, startWeb, type Web } from './web.ts';

let web: Web;
let cluster: Cluster;
beforeAll(async () => {
  web = await startWeb();
  ({ cluster } = web);
}, 120_000);
afterAll(() => web?.close());

const deployment = { kind: 'deployment', namespace: 'default', name: 'web' };

/** Of web's pods that are ready. */
async function names(): Promise<string[]> {
  const pods = await cluster.list({ kind: 'pods' }, { namespace: 'default', labelSelector: 'app=web' });
  const isReady = ({ status }: ClusterObject) =>
    (status as { conditions?: { type: string; status: string }[] }).conditions?.some(
      ({ type, status: value }) => type === 'Ready' && value === 'True',
    );
  return pods
    .filter((pod) => !pod.metadata.deletionTimestamp && isReady(pod))
    .map((pod) => pod.metadata.name);
}

/** One game. */
function game(namespaces = ['default']) {
  const context = web.context({ namespaces });
  return (check: object) => evaluate(checkSchema.parse(check) as Check, context);
}

async function untilKnown(look: () => ReturnType<typeof evaluate>) {
  return await vi.waitFor(
    async () => {
      const result = await look();
      expect(result.gap).toBeUndefined();
      return result;
    },
    { timeout: 50_000, interval: 300 },
  );
}

const recreate = { recreate: { ref: 'deployment/default/web' } };

it('recreate deletes one pod, sees the next one take its place, and deletes no other', async () => {
  const before = await names();
  const look = game();
  // Two at a time are one.
  const [first] = await Promise.all([look(recreate), look(recreate)]);
  expect(first).toMatchObject({ gap: true, seen: expect.stringMatching(/^web-\S+ was deleted just now$/) });
  const result = await untilKnown(() => look(recreate));
  expect(result).toMatchObject({
    holds: true,
    seen: expect.stringMatching(/^web-\S+ took the place of web-/),
  });
  const after = await names();
  expect(after.filter((name) => before.includes(name))).toHaveLength(1);
  expect(await look(recreate)).toEqual(result);
  expect(await names()).toEqual(after);
}, 60_000);

it('recreate deletes nothing while something else is wrong, or a pod is missing already', async () => {
  const before = await names();
  const look = game();
  const wrong = { field: { ref: 'deployment/default/web', path: 'spec.replicas', equals: 7 } };
  expect(await look({ all: [recreate, wrong] })).toMatchObject({
    holds: false,
    seen: expect.stringContaining('recreate deployment/default/web: tried when the other checks hold'),
  });
  expect(await look({ recreate: { ref: 'deployment/default/none' } })).toMatchObject({
    holds: false,
    seen: 'deployment/default/none does not exist',
  });
  expect(await game(['shop'])(recreate)).toMatchObject({
    gap: true,
    seen: expect.stringContaining('nothing in the namespace default'),
  });
  await cluster.patch(deployment, 'merge', {
    spec: { replicas: 3, template: { spec: { nodeSelector: { none: 'x' } } } },
  });
  try {
    await vi.waitFor(async () =>
      expect(await look(recreate)).toMatchObject({
        holds: false,
        seen: expect.stringMatching(/^no pod was deleted to try it: \d of 3 pods new/),
      }),
    );
    expect((await names()).filter((name) => before.includes(name))).toEqual(before);
  } finally {
    await cluster.patch(deployment, 'merge', {
      spec: { replicas: 2, template: { spec: { nodeSelector: null } } },
    });
  }
}, 60_000);

it('recreate fails when the pod does not come back, and tries again when it does', async () => {
  const complete = { rollout: { ref: 'deployment/default/web' } };
  await vi.waitFor(async () => expect(await game()(complete)).toMatchObject({ holds: true }), {
    timeout: 30_000,
  });
  const node = (await cluster.list({ kind: 'nodes' }))[0]!.metadata.name;
  const cordon = (unschedulable: boolean) =>
    cluster.patch({ kind: 'node', name: node }, 'merge', { spec: { unschedulable } });
  await cordon(true);
  const look = game();
  const soon = { recreate: { ref: 'deployment/default/web', within: '2s' } };
  expect(await look(soon)).toMatchObject({ gap: true });
  expect(await untilKnown(() => look(soon))).toMatchObject({
    holds: false,
    seen: expect.stringMatching(
      /was deleted [\d.]+ s ago and did not come back: \d of 2 pods new, 1 available/,
    ),
  });
  await cordon(false);
  const again = { recreate: { ref: 'deployment/default/web', within: '30s' } };
  await vi.waitFor(async () => expect(await look(again)).toMatchObject({ holds: true }), {
    timeout: 40_000,
    interval: 300,
  });
}, 90_000);

it('replay runs a CronJob once more, tells how it ended, and leaves no Job', async () => {
  const cronJob = (name: string, script: string) =>
    cluster.create({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name, namespace: 'default' },
      spec: {
        schedule: '0 3 * * *',
        suspend: true,
        jobTemplate: { spec: { backoffLimit: 0, template: { spec: podSpec(script, 'Never') } } },
      },
    });
  await cronJob('good', '');
  await cronJob('bad', 'process.exit(3)');
  const look = game();
  const of = (name: string) => () => look({ replay: { cronjob: `cronjob/default/${name}` } });
  expect(await of('good')()).toMatchObject({
    gap: true,
    seen: expect.stringMatching(/was started just now$/),
  });
  const good = await untilKnown(of('good'));
  expect(good).toMatchObject({
    holds: true,
    seen: expect.stringMatching(/^job\.batch\/default\/good-\w+ completed/),
  });
  expect(await of('good')()).toEqual(good);
  await of('bad')();
  expect(await untilKnown(of('bad'))).toMatchObject({
    holds: false,
    seen: expect.stringMatching(/ago, failed: Job has reached the specified backoff limit/),
  });
  await vi.waitFor(async () =>
    expect(await cluster.list({ kind: 'jobs', group: 'batch' }, { namespace: 'default' })).toEqual([]),
  );
}, 90_000);

it('replay keeps to what the last run showed while the next one runs, and says which Job is to be taken away', async () => {
  const slow = podSpec('setTimeout(() => {}, 3000)', 'Never');
  await cluster.create({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'slow', namespace: 'default' },
    spec: { schedule: '0 3 * * *', suspend: true, jobTemplate: { spec: { template: { spec: slow } } } },
  });
  const made = new Map();
  const context = web.context({ namespaces: ['default'], made });
  const check = checkSchema.parse({ replay: { cronjob: 'cronjob/default/slow', every: '1s' } }) as Check;
  const look = () => evaluate(check, context);
  expect(await look()).toMatchObject({ gap: true });
  expect([...made.keys()]).toEqual([expect.stringMatching(/^job\.batch\/default\/slow-/)]);
  const first = await untilKnown(look);
  expect([first.holds, made.size]).toEqual([true, 0]);
  await vi.waitFor(
    async () => {
      expect(await look()).toEqual(first);
      expect(made.size).toBe(1);
    },
    { timeout: 10_000, interval: 200 },
  );
  for (const text of made.keys()) await removeMade({ made }, text, cluster);
  expect(made.size).toBe(0);
  await vi.waitFor(async () =>
    expect(await cluster.list({ kind: 'jobs', group: 'batch' }, { namespace: 'default' })).toEqual([]),
  );
}, 90_000);

it('replay sends a request as a pod of the stack does, and wants its status', async () => {
  const look = game();
  const request = { url: 'http://web:8080/', from: 'default', times: 3 };
  expect(await look({ replay: { request } })).toMatchObject({
    holds: true,
    seen: 'GET http://web:8080/ from default was answered with 200, 3 times',
  });
  expect(await look({ replay: { request: { ...request, status: 503 } } })).toMatchObject({
    holds: false,
    value: 3,
    seen: 'GET http://web:8080/ from default was answered with 200, 3 of 3 times (expected 503)',
  });
  const nobody = { url: 'http://nobody:8080/', from: 'default' };
  expect(await look({ replay: { request: nobody } })).toMatchObject({
    holds: false,
    seen: 'GET http://nobody:8080/ from default was not answered: ENOTFOUND',
  });
}, 90_000);

it('replay takes one cause', () => {
  const issues = (replay: object) =>
    checkSchema.safeParse({ replay }).error?.issues.map(({ message }) => message) ?? [];
  expect(issues({})).toHaveLength(1);
  expect(issues({ cronjob: 'cronjob/a/b', request: { url: 'http://x/', from: 'a' } })).toHaveLength(1);
  expect(issues({ request: { url: 'file:///etc/passwd', from: 'a' } })).toHaveLength(1);
});
