import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ask, clientOf } from './client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** A program in a pod: says what it was asked; its own 404 is a plain one. */
const program = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method, url, headers } = request;
  if (url === '/none') return void response.writeHead(404, { 'x-mine': '1' }).end('not here');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
});

let server: TestServer;
let ask: Ask;
const dialled: string[] = [];
beforeAll(async () => {
  await new Promise<void>((resolve) => (program as Server).listen(0, '127.0.0.1', resolve));
  server = await startTestServer({
    network: () => ({
      connect: (host, port) => {
        dialled.push(`${host}:${port}`);
        if (port === 9) return Promise.reject(new Error(`connect ECONNREFUSED ${host}:${port}`));
        return Promise.resolve(connect((program.address() as AddressInfo).port, '127.0.0.1'));
      },
    }),
  });
  ask = clientOf(server);
  const { api } = server;
  const of = (kind: string, name: string, more: object) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'default' },
    ...more,
  });
  const ports = [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'dead', port: 81, targetPort: 9 },
  ];
  api.create('services', of('Service', 'edge', { spec: { ports } }));
  api.create('services', of('Service', 'plain', { spec: { ports: [{ port: 80 }] } }));
  api.create('services', of('Service', 'empty', { spec: { ports: [{ port: 80 }] } }));
  const addresses = [{ ip: '10.244.0.7' }];
  const real = ports.map(({ name, targetPort: port }) => ({ name, port }));
  api.create('endpoints', of('Endpoints', 'edge', { subsets: [{ addresses, ports: real }] }));
  api.create('endpoints', of('Endpoints', 'plain', { subsets: [{ addresses, ports: [{ port: 8081 }] }] }));
  const containers = [{ name: 'a', image: 'node:20', ports: [{ containerPort: 8082 }] }];
  api.create('pods', of('Pod', 'one', { spec: { nodeName: 'n', containers } }));
  api.update(
    'pods',
    'default',
    'one',
    (pod) => ({ ...pod, status: { ...pod.status, podIP: '10.244.0.9' } }),
    {
      subresource: 'status',
    },
  );
  api.create('pods', of('Pod', 'waiting', { spec: { containers } }));
});
afterAll(async () => {
  await server.close();
  program.close();
});

const home = '/api/v1/namespaces/default';

it.each([
  ['services/edge:http', '10.244.0.7:8080'],
  ['services/edge:80', '10.244.0.7:8080'],
  ['services/http:edge:http', '10.244.0.7:8080'],
  ['services/plain', '10.244.0.7:8081'],
  ['services/plain:80', '10.244.0.7:8081'],
  ['pods/one', '10.244.0.9:8082'],
  ['pods/one:8090', '10.244.0.9:8090'],
  ['pods/http:one:8090', '10.244.0.9:8090'],
])('case S1: a GET through %s reaches %s', async (target, address) => {
  const answer = await ask('GET', `${home}/${target}/proxy/prices/a%20b?x=1&y`);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    method: 'GET',
    url: '/prices/a%20b?x=1&y',
    headers: { host: address },
  });
  expect(dialled.at(-1)).toBe(address);
  // The token is for the API server.
  expect(answer.body?.headers).not.toHaveProperty('authorization');
});

it('case S1: writes and answers pass as they are', async () => {
  const posted = await ask('POST', `${home}/services/edge:http/proxy/orders`, { body: { n: 1 } });
  expect(posted.body).toMatchObject({ method: 'POST', url: '/orders', body: '{"n":1}' });
  const none = await ask('GET', `${home}/services/edge:http/proxy/none`);
  expect([none.status, none.text, none.headers['x-mine']]).toEqual([404, 'not here', '1']);
  expect((await ask('GET', `${home}/services/edge:http/proxy`)).body).toMatchObject({ url: '/' });
});

it.each([
  ['services/nobody/proxy/', 404, 'services "nobody" not found'],
  ['services/empty/proxy/', 503, 'no endpoints available for service "empty"'],
  ['services/edge/proxy/', 503, 'no endpoints available for service "edge"'],
  ['services/edge:82/proxy/', 503, 'no service port 82 found for service "edge"'],
  ['services/edge:dead/proxy/', 503, 'error trying to reach service: connect ECONNREFUSED 10.244.0.7:9'],
  ['services/ftp:edge:http/proxy/', 400, 'invalid service request "ftp:edge:http"'],
  ['services/a:b:c:d/proxy/', 400, 'invalid service request "a:b:c:d"'],
  ['pods/none/proxy/', 404, 'pods "none" not found'],
  ['pods/waiting/proxy/', 400, 'address not allowed'],
])('case S1: the server itself answers %s with a Status %i', async (path, status, message) => {
  const answer = await ask('GET', `${home}/${path}`);
  expect(answer.body).toMatchObject({ kind: 'Status', code: status, message });
});
