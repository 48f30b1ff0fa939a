/** What clients meet that send what kubectl does not. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nameError } from '../../../src/sandbox/kubelet/images.ts';
import { type Ask, clientOf } from './client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let ask: Ask;
beforeAll(async () => {
  server = await startTestServer();
  ask = clientOf(server);
});
afterAll(() => server.close());

const jobs = '/apis/batch/v1/namespaces/default/jobs';
const job = (name: string) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] } } },
});

it('who deletes a Job without a policy leaves its Pods behind, and is warned', async () => {
  await ask('POST', jobs, { body: job('a') });
  const { body, headers } = await ask('DELETE', `${jobs}/a`);
  expect(body).toMatchObject({ kind: 'Job', metadata: { finalizers: ['orphan'] } });
  expect(headers.warning).toBe(
    '299 - "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning"',
  );
});

it('who names a policy is not warned', async () => {
  await ask('POST', jobs, { body: job('b') });
  const { body, headers } = await ask('DELETE', `${jobs}/b?propagationPolicy=Background`);
  expect(body).toMatchObject({ kind: 'Status', status: 'Success' });
  expect(headers.warning).toBeUndefined();
});

it('health is told check by check to who asks for it', async () => {
  const { text } = await ask('GET', '/readyz?verbose');
  expect(text.split('\n').slice(0, 5)).toEqual([
    '[+]ping ok',
    '[+]log ok',
    '[+]etcd ok',
    '[+]etcd-readiness ok',
    '[+]informer-sync ok',
  ]);
  expect(text).toMatch(/\n\[\+]shutdown ok\nreadyz check passed\n$/);
  expect((await ask('GET', '/livez?verbose&exclude=etcd')).text).toContain('[+]etcd excluded: ok\n');
  expect((await ask('GET', '/livez/ping')).text).toBe('ok');
  expect((await ask('GET', '/livez/pong')).status).toBe(404);
});

const reviews = '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews';
const review = (spec: object, metadata: object = {}) => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'LocalSubjectAccessReview',
  metadata,
  spec: { user: 'u', ...spec },
});

it('a local review is about its own namespace only', async () => {
  const of = (namespace?: string) =>
    review({ resourceAttributes: { namespace, verb: 'get', resource: 'pods' } });
  expect((await ask('POST', reviews, { body: of('default') })).status).toBe(201);
  expect((await ask('POST', reviews, { body: of('other') })).body?.message).toContain(
    'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
  );
  const elsewhere = review({ resourceAttributes: { namespace: 'b' } }, { namespace: 'b' });
  expect((await ask('POST', reviews, { body: elsewhere })).body?.message).toBe(
    'the namespace of the provided object does not match the namespace sent on the request',
  );
  const path = review({ nonResourceAttributes: { path: '/a', verb: 'get' } });
  expect((await ask('POST', reviews, { body: path })).body?.message).toContain(
    'disallowed on this kind of request',
  );
});

it.each([
  ['busybox:1', undefined],
  ['localhost:5000/a/b-c@sha256:'.concat('a'.repeat(64)), undefined],
  ['Shop/API:1', 'repository name (Shop/API) must be lowercase'],
  ['a b', 'couldn\'t parse image name "a b": invalid reference format'],
  ['a:', 'invalid reference format'],
])('the name %s of an image is read as the kubelet reads it', (name, why) => {
  if (why === undefined) expect(nameError(name)).toBeUndefined();
  else expect(nameError(name)).toContain(why);
});
