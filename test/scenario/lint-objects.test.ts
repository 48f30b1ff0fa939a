import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster, Ref } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import { describeError } from '../../src/errors.ts';
import { makes } from '../../src/fault/types/registry.ts';
import { lintObjects } from '../../src/scenario/lint-objects.ts';
import { startTestServer, type TestServer } from '../sandbox/apiserver/test-server.ts';
import { changed, haymaker, parse, placeOf } from './fixtures.ts';

const flood = parse(haymaker).scenario!.faults[0]!;
const isMade = (ref: Ref) => makes(flood, ref);

let server: TestServer;
let cluster: Cluster;
beforeAll(async () => {
  server = await startTestServer();
  cluster = await connect({ kubeconfig: server.kubeconfig });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const spec = { ports: [{ port: 80 }] };
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'checkout', namespace: 'shop' },
    spec,
  });
  const labels = { app: 'checkout' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'node:20' }] } };
  await cluster.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'checkout', namespace: 'shop' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  });
});
afterAll(async () => {
  cluster?.close();
  await server?.close();
});

it('finds the objects that a scenario needs, and does not ask for those that its faults make', async () => {
  expect(await lintObjects(parse(haymaker), cluster, { isMade })).toEqual([]);
});

it.each([
  ['unknown-object', 'deployment/shop/chekout', 'Did you mean "deployment/shop/checkout"?'],
  ['unknown-kind', 'deploymnet/shop/checkout', 'Did you mean "deployment"?'],
])('tells an %s at its place with the nearest name', async (code, ref, todo) => {
  const source = changed(['ref: deployment/shop/checkout', `ref: ${ref}`]);
  const [problem] = await lintObjects(parse(source), cluster, { isMade });
  expect(problem).toMatchObject({ code, todo });
  expect(describeError(problem)).toContain(`:${placeOf(ref, source)}: `);
});

it('case F9: names the containers there are where a check of a log asks for another', async () => {
  const log = (container: string) =>
    changed([
      '  all:\n',
      `  all:\n    - { log: { ref: deployment/shop/checkout, container: ${container}, matches: x } }\n`,
    ]);
  expect(await lintObjects(parse(log('app')), cluster, { isMade })).toEqual([]);
  const [problem] = await lintObjects(parse(log('ap')), cluster, { isMade });
  expect(problem).toMatchObject({
    code: 'unknown-container',
    message: 'deployment/shop/checkout has no container "ap"; it has app.',
    todo: 'Did you mean "app"?',
  });
});

it('asks for the service of an http check, wherever checks are combined', async () => {
  const http = (service: string) =>
    changed(['  all:\n', `  all:\n    - { not: { any: [{ http: { service: '${service}' } }] } }\n`]);
  expect(await lintObjects(parse(http('service/shop/checkout:80')), cluster, { isMade })).toEqual([]);
  const source = http('service/shop/chekout:80');
  const [problem] = await lintObjects(parse(source), cluster, { isMade });
  expect(problem).toMatchObject({ code: 'unknown-object', todo: 'Did you mean "service/shop/checkout"?' });
  expect(describeError(problem)).toContain(`:${placeOf("'service/shop/chekout:80'", source)}: `);
});
