import { afterAll, beforeAll, expect, it } from 'vitest';
import { fuzz } from './fuzz/run.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it('answers no request with a fault of its own, whatever is in it', async () => {
  const { failures, statuses } = await fuzz(server, { count: 2000, seed: 8 });
  expect(failures).toEqual([]);
  // What is generated must be taken often enough to come anywhere.
  expect(statuses['201']).toBeGreaterThan(40);
  expect(statuses['200']).toBeGreaterThan(120);
}, 60_000);
