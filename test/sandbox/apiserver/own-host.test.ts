import { request } from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ask, clientOf } from './client.ts';
import { adminToken, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let ask: Ask;
beforeAll(async () => {
  server = await startTestServer();
  ask = clientOf(server);
});
afterAll(() => server.close());

it('the API server serves its own addresses and the names of the Service kubernetes', async () => {
  const { port } = new URL(server.url);
  for (const host of [`localhost:${port}`, `[::1]:${port}`, 'kubernetes.default.svc', '10.96.0.1:443']) {
    expect([host, (await ask('GET', '/version', { headers: { host } })).status]).toEqual([host, 200]);
  }
});

it('the API server serves no other host, with whatever token', async () => {
  const { port } = new URL(server.url);
  for (const host of [`evil.example:${port}`, 'evil.example', 'localhost.evil.example']) {
    const answer = await ask('GET', '/version', { headers: { host } });
    expect([host, answer.status]).toEqual([host, 403]);
    expect(answer.body?.message).toContain(`got "${host}"`);
  }
});

it('the API server takes no write and no stream from a page of another origin', async () => {
  const headers = { origin: 'https://evil.example' };
  const made = await ask('POST', '/api/v1/namespaces', { body: {}, headers });
  expect(made.status).toBe(403);
  const upgraded = await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    request(
      {
        hostname,
        port,
        ca: server.caPem,
        path: '/api/v1/namespaces/default/pods/a/exec?command=x',
        headers: {
          ...headers,
          authorization: `Bearer ${adminToken}`,
          connection: 'Upgrade',
          upgrade: 'websocket',
        },
      },
      (response) => resolve(response.statusCode),
    )
      .on('error', reject)
      .end();
  });
  expect(upgraded).toBe(403);
  expect(server.faults).toEqual([]);
});
