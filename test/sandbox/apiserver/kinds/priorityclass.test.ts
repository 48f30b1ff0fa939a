import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { KubeObject } from '../../../../src/sandbox/api.ts';
import { createApi, type LocalApi } from '../../../../src/sandbox/apiserver/api.ts';
import { realClock } from '../../../../src/sandbox/clock.ts';
import { runKubectl } from '../../../kubectl.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

const RESOURCE = 'priorityclasses.scheduling.k8s.io';
let server: TestServer;
let api: LocalApi;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  api = createApi({ clock: realClock });
});

const create = (name: string, value: number, more = {}) =>
  api.create(RESOURCE, {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    ...more,
  });
const change = (name: string, to: (draft: KubeObject) => void) =>
  api.update(RESOURCE, undefined, name, (draft) => {
    to(draft);
    return draft;
  });
const pod = (spec = {}) =>
  api.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'p-', namespace: 'default' },
    spec: { containers: [{ name: 'app', image: 'busybox:1' }], ...spec },
  }).spec;

it('kubectl shows the classes of a new cluster, and one that it created, with the columns of a real server', async () => {
  const kubectl = async (...args: string[]) => (await runKubectl(args, server)).stdout;
  await kubectl('create', 'priorityclass', 'urgent', '--value=1000', '--description=pays the bills');
  expect(await kubectl('get', 'pc')).toMatch(
    /^NAME +VALUE +GLOBAL-DEFAULT +AGE +PREEMPTIONPOLICY\nsystem-cluster-critical +2000000000 +false +\d+s +PreemptLowerPriority\nsystem-node-critical +2000001000 +false .*\nurgent +1000 +false .*\n$/,
  );
  expect(await kubectl('describe', 'priorityclass', 'urgent')).toContain('pays the bills');
});

it('a Pod gets the priority of its class, of the default one, or none', () => {
  expect(pod()).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
  create('urgent', 1000, { preemptionPolicy: 'Never' });
  expect(pod({ priorityClassName: 'urgent' })).toMatchObject({ priority: 1000, preemptionPolicy: 'Never' });
  create('usual', 10, { globalDefault: true });
  expect(pod()).toMatchObject({ priority: 10, priorityClassName: 'usual' });
  expect(pod({ priorityClassName: 'system-node-critical' }).priority).toBe(2_000_001_000);
});

it.each([
  ['a class that is not there', { priorityClassName: 'none' }, 'no PriorityClass with name none was found'],
  ['a number of its own', { priority: 5 }, 'the integer value of priority (5) must not be provided in pod'],
  ['a policy of its own', { preemptionPolicy: 'Never' }, 'the string value of PreemptionPolicy (Never)'],
])('a Pod with %s is refused', (_, spec, why) => {
  expect(() => pod(spec)).toThrow(why);
});

it.each([
  [
    'too high',
    () => create('a', 1_000_000_001),
    'maximum allowed value of a user defined priority is 1000000000',
  ],
  ['named as one of the system', () => create('system-mine', 1), 'is not a known system priority class'],
  [
    'with a policy nobody knows',
    () => create('a', 1, { preemptionPolicy: 'Now' }),
    'Unsupported value: "Now"',
  ],
  [
    'a second default',
    () => ['a', 'b'].map((name) => create(name, 1, { globalDefault: true })),
    'PriorityClass a is already marked as default',
  ],
  [
    'with another value than it had',
    () => {
      create('a', 1);
      change('a', (draft) => {
        draft.value = 2;
      });
    },
    'value: Forbidden: may not be changed in an update.',
  ],
  [
    'of the system, to be deleted',
    () => api.delete(RESOURCE, undefined, 'system-node-critical', {}),
    'this is a system priority class and cannot be deleted',
  ],
])('a class that is %s is refused', (_, act, why) => {
  expect(act).toThrow(why);
});

it('a class may change what is no part of a decision, and go', () => {
  create('a', 1);
  change('a', (draft) => {
    draft.description = 'better';
  });
  expect(api.get(RESOURCE, undefined, 'a')).toMatchObject({ description: 'better', value: 1 });
  api.delete(RESOURCE, undefined, 'a', {});
  expect(api.get(RESOURCE, undefined, 'a')).toBeUndefined();
});
