import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ask, clientOf } from './client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const pods = '/api/v1/namespaces/default/pods';
let server: TestServer;
let ask: Ask;
beforeAll(async () => {
  server = await startTestServer();
  ask = clientOf(server);
  const spec = { containers: [{ name: 'a', image: 'busybox:1' }], volumes: [{ name: 'v', emptyDir: {} }] };
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec };
  expect((await ask('POST', pods, { body })).status).toBe(201);
});
afterAll(() => server.close());

const debug = (container: object) =>
  ask('PATCH', `${pods}/p/ephemeralcontainers?dryRun=All`, {
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
    body: { spec: { ephemeralContainers: [{ name: 'e', image: 'busybox:1', ...container }] } },
  });
const why = 'Forbidden: cannot be set for an Ephemeral Container';
const probe = { exec: { command: ['true'] } };

it('an ephemeral container that looks into another one is taken', async () => {
  const answer = await debug({
    targetContainerName: 'a',
    stdin: true,
    volumeMounts: [{ name: 'v', mountPath: '/v' }],
  });
  expect(answer.status).toBe(200);
});

it.each([
  [{ targetContainerName: 'b' }, 'targetContainerName: Not found: "b"'],
  [{ livenessProbe: probe }, `livenessProbe: ${why}`],
  [{ lifecycle: { preStop: probe } }, `lifecycle: ${why}`],
  [{ ports: [{ containerPort: 1 }] }, `ports: ${why}`],
  [{ resources: { limits: { cpu: '1' } } }, `resources: ${why}`],
  [{ restartPolicy: 'Always' }, `restartPolicy: ${why}`],
  [{ volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'a' }] }, `volumeMounts[0].subPath: ${why}`],
  [{ name: 'a' }, 'name: Duplicate value: "a"'],
  [{ image: '' }, 'image: Required value'],
])('an ephemeral container with %j is refused', async (container, problem) => {
  const answer = await debug(container);
  expect(answer.status).toBe(422);
  expect(answer.body?.message).toContain(`spec.ephemeralContainers[0].${problem}`);
});

it.each([
  [
    { containerPort: 80, hostPort: 80 },
    {},
    'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
  ],
  [
    { containerPort: 80, hostPort: 81 },
    { hostNetwork: true },
    'spec.containers[1].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
  ],
])('a Pod whose second container wants %j of the node is refused', async (port, more, problem) => {
  const of = (name: string, one: object) => ({ name, image: 'busybox:1', ports: [one] });
  const spec = { containers: [of('a', { containerPort: 80, hostPort: 80 }), of('b', port)], ...more };
  const answer = await ask('POST', pods, {
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'q' }, spec },
  });
  expect(answer.status).toBe(422);
  expect(answer.body?.message).toContain(problem);
});
