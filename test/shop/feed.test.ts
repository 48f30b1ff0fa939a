import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { afterEach, describe, expect, it } from 'vitest';
import { RedisServer } from '../../src/sandbox/redis/server.ts';
import { readSettings } from '../../src/sandbox/redis/settings.ts';
import { startProgram, stopAll, until } from './program.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  stopAll();
  for (const end of ends.splice(0).reverse()) await end();
});

async function start() {
  const server = new RedisServer(readSettings([]));
  const address = `127.0.0.1:${await server.listen(0)}`;
  const client = createClient({ url: `redis://${address}` });
  client.on('error', () => undefined);
  await client.connect();
  const folder = mkdtempSync(join(tmpdir(), 'feed-'));
  const tell = (state: string) => writeFileSync(join(folder, 'state'), state);
  ends.push(
    () => server.close(),
    () => client.destroy(),
    () => rmSync(folder, { recursive: true }),
  );
  tell('running');
  const env = { QUEUE_ADDR: address, CONNECTOR: folder, EVERY_SECONDS: '0.05' };
  const booking = await startProgram('booking', { QUEUE_ADDR: address, WORK_MS: '1' });
  const pay = async (product: string) => {
    await client.rPush(
      'orders',
      JSON.stringify({ id: product, at: Date.now(), lines: [{ product, price: 1 }] }),
    );
  };
  const report = async () => ({ ...(await client.hGetAll('report:sold')) });
  return { client, env, booking, pay, report, tell };
}

describe('feed', () => {
  it('copies what is booked, each once, also after it was started again', async () => {
    const { env, pay, report } = await start();
    const feed = await startProgram('feed', env);
    await pay('espresso');
    await pay('espresso');
    await until(async () => (await report()).espresso === '2', 'two in the report');
    await feed.stop();
    await pay('sandwich');
    const again = await startProgram('feed', env);
    await until(async () => (await report()).sandwich === '1', 'the one that was booked meanwhile');
    await pay('espresso');
    await until(async () => (await report()).espresso === '3', 'three in the report');
    expect(await again.metric('feed_changes_total')).toBe(2);
    expect(await again.metric('feed_behind_seconds')).toBe(0);
  });

  it('falls behind while it is paused, tells how far, and goes on from there', async () => {
    const { env, pay, report, tell } = await start();
    const feed = await startProgram('feed', env);
    await pay('espresso');
    await until(async () => (await report()).espresso === '1', 'one in the report');
    tell('paused');
    await until(() => feed.lines.some(({ state }) => state === 'paused'), 'the pause');
    await pay('espresso');
    await pay('sandwich');
    await until(async () => (await feed.metric('feed_changes_pending')) === 2, 'two that wait');
    await until(async () => (await feed.metric('feed_behind_seconds')) > 0.3, 'that it is behind');
    expect(await report()).toEqual({ espresso: '1' });
    tell('running');
    await until(async () => (await feed.metric('feed_changes_pending')) === 0, 'that it has caught up');
    expect(await report()).toEqual({ espresso: '2', sandwich: '1' });
  });

  it('counts what the source no longer has, and goes on with what it has', async () => {
    const { client, env, pay, report } = await start();
    await client.set('books:total', 40);
    await pay('espresso');
    const feed = await startProgram('feed', env);
    await until(async () => (await report()).espresso === '1', 'the one that is there');
    expect(await feed.metric('feed_changes_lost_total')).toBe(40);
  });
});
