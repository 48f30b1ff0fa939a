/** What goes wrong with one pod stays with that pod: it waits with an Event, everything else goes on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/sandbox/api.ts';
import { ready, startTestNode, type TestNode } from './node.ts';

let node: TestNode;
let failing: string | undefined;
const failIf = (what: string): void => {
  if (failing === what) throw new TypeError(`nobody expected ${what}`);
};

beforeAll(async () => {
  node = await startTestNode(10, undefined, undefined, (network) => ({
    allocatePodIP: (name, uid) => {
      failIf('an address');
      return network.allocatePodIP(name, uid);
    },
    admit: (uid) => {
      failIf('a start');
      return network.admit(uid);
    },
    resolve: async (from, host, port) => {
      failIf('a probe');
      return network.resolve(from, host, port);
    },
  }));
  node.pod('bystander', { command: ['node', '-e', 'setInterval(() => {}, 1000)'] });
  await node.until('bystander', ready);
});
afterAll(() => node.close());

const up = { command: ['node', '-e', 'setInterval(() => {}, 1000)'] };
const untouched = (): void => {
  const { status } = node.get('bystander')!;
  expect(status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 0 });
};
const waiting =
  (reason: string) =>
  ({ status }: KubeObject): boolean =>
    status?.containerStatuses?.[0].state.waiting?.reason === reason;

test('a volume whose files stand in each other’s way is a FailedMount', async () => {
  node.api.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', namespace: 'default' },
    data: { a: 'text' },
  });
  const items = ['b', 'b/c'].map((path) => ({ key: 'a', path }));
  node.pod('clash', { ...up, pod: { volumes: [{ name: 'v', configMap: { name: 'x', items } }] } });
  await node.until('clash', waiting('ContainerCreating'));
  await expect
    .poll(() => node.events('clash').join('\n'))
    .toMatch(/FailedMount MountVolume.SetUp failed for volume "v" : \w+: /);
  untouched();
});

test('a subPath that is no folder leaves its container unconfigured', async () => {
  node.pod('inside', {
    ...up,
    volumeMounts: [{ name: 'v', mountPath: '/data', subPath: 'a/b' }],
    pod: { volumes: [{ name: 'v', configMap: { name: 'x' } }] },
  });
  const pod = await node.until('inside', waiting('CreateContainerConfigError'));
  expect(pod.status.containerStatuses[0].state.waiting.message).toBe(
    'failed to prepare subPath for volumeMount "v" of container "app"',
  );
  untouched();
});

test('arguments that the kernel does not take end one container, not the runtime of all', async () => {
  node.pod('long', { command: ['node', '-e', '1', 'x'.repeat(200_000)], pod: { restartPolicy: 'Never' } });
  const { status } = await node.until('long', (pod) => pod.status?.phase === 'Failed');
  expect(status.containerStatuses[0].state.terminated).toMatchObject({ reason: 'StartError', exitCode: 128 });
  expect(status.containerStatuses[0].state.terminated.message).toContain('argument list too long');
  untouched();
});

test.each([
  ['an address', 'FailedCreatePodSandBox'],
  ['a start', 'Failed'],
])(
  'a pod for which the node fails at %s in a way that nobody expected is tried again',
  async (what, reason) => {
    const name = `odd-${what.replaceAll(' ', '-')}`;
    failing = what;
    node.pod(name, up);
    await expect.poll(() => node.events(name).join('\n'), { timeout: 5000 }).toContain(`Warning ${reason} `);
    expect(node.survived).toContainEqual(new TypeError(`nobody expected ${what}`));
    failing = undefined;
    await node.until(name, ready);
    untouched();
  },
);

test('a probe that fails in a way that nobody expected goes on', async () => {
  failing = 'a probe';
  node.pod('probed', {
    command: ['node', '-e', "require('http').createServer((_, response) => response.end()).listen(80)"],
    readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 },
  });
  await expect
    .poll(() => node.survived, { timeout: 10_000 })
    .toContainEqual(new TypeError('nobody expected a probe'));
  failing = undefined;
  await node.until('probed', ready);
  untouched();
});
