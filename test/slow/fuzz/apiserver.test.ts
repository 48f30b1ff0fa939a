/** MISFORTUNE_FUZZ=100000 npm run test:slow -- test/slow/fuzz/apiserver.test.ts */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fuzz } from '../../sandbox/apiserver/fuzz/run.ts';
import { startTestServer, type TestServer } from '../../sandbox/apiserver/test-server.ts';

const count = Number(process.env.MISFORTUNE_FUZZ ?? 5000);
const seed = Number(process.env.MISFORTUNE_SEED ?? Date.now() % 1_000_000);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it(
  `the API server survives ${count} requests by chance`,
  async () => {
    const { failures, statuses, slowest } = await fuzz(server, { count, seed });
    console.log(
      `seed ${seed}: ${count} requests, ${JSON.stringify(statuses)}, slowest ${Math.round(slowest)} ms`,
    );
    expect(failures).toEqual([]);
  },
  60_000 + count * 20,
);
