import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
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

async function startQueue() {
  const server = new RedisServer(readSettings([]));
  const address = `127.0.0.1:${await server.listen(0)}`;
  const client = createClient({ url: `redis://${address}` });
  client.on('error', () => undefined);
  await client.connect();
  ends.push(
    () => server.close(),
    () => client.destroy(),
  );
  return { server, address, client };
}

const order = (id: string) =>
  JSON.stringify({ id, at: Date.now() - 20_000, lines: [{ product: 'espresso', price: 2.5 }] });
const bad = JSON.stringify({ id: 'bad', at: Date.now() });

describe('booking', () => {
  it('books what storefront puts on the queue, each once', async () => {
    const { address, client } = await startQueue();
    const checkout = createServer((_request, response) => response.end('{"total":1}')).listen(0);
    await once(checkout, 'listening');
    ends.push(() => checkout.close());
    const url = `http://127.0.0.1:${(checkout.address() as { port: number }).port}`;
    const storefront = await startProgram('storefront', {
      ...{ CHECKOUT_URL: url, WORKER_URL: url, QUEUE_ADDR: address, ORDERS_EVERY_SECONDS: '0.2' },
    });
    const booking = await startProgram('booking', { QUEUE_ADDR: address, HOSTNAME: 'one' });
    for (let count = 0; count < 5; count++)
      expect((await fetch(`${storefront.urls[0]}/pay`, { method: 'POST' })).status).toBe(200);
    await until(
      async () => (await booking.metric('booking_orders_total', { outcome: 'booked' })) === 5,
      'five orders',
    );
    expect(await storefront.metric('storefront_orders_sent_total')).toBe(5);
    expect((await client.keys('*')).sort()).toEqual(['books', 'books:total']);
  });

  it('ends at an order that it cannot book, and leaves it at the front', async () => {
    const { address, client } = await startQueue();
    const booking = await startProgram('booking', { QUEUE_ADDR: address, HOSTNAME: 'one' });
    await client.rPush('orders', [order('1'), bad, order('2')]);
    const [code] = await once(booking.child, 'exit');
    expect(code).toBe(1);
    const ids = (await client.lRange('orders', 0, -1)).map((text) => JSON.parse(text).id);
    expect(ids).toEqual(['bad', '2']);
    expect(await client.keys('orders:taken:*')).toEqual([]);
  });

  it('puts such an order aside where it is told to, and goes on', async () => {
    const { address, client } = await startQueue();
    const booking = await startProgram('booking', { QUEUE_ADDR: address, BAD_ORDERS: 'park' });
    await client.rPush('orders', [bad, order('2')]);
    await until(
      async () => (await booking.metric('booking_orders_total', { outcome: 'booked' })) === 1,
      'the other',
    );
    expect(await client.lRange('orders:parked', 0, -1)).toEqual([bad]);
  });

  it('books what a worker that is gone had taken, and leaves alone what one that lives has', async () => {
    const { address, client } = await startQueue();
    await client.rPush('orders:taken:gone', order('1'));
    await client.rPush('orders:taken:alive', order('2'));
    await client.clientSetName('alive');
    const booking = await startProgram('booking', { QUEUE_ADDR: address, HOSTNAME: 'one' });
    await until(
      async () => (await booking.metric('booking_orders_total', { outcome: 'booked' })) === 1,
      'the order',
    );
    expect((await client.keys('*')).sort()).toEqual(['books', 'books:total', 'orders:taken:alive']);
  });
});

describe('queue-proxy', () => {
  async function startProxy(target: string, idleSeconds: string) {
    const folder = mkdtempSync(join(tmpdir(), 'queue-proxy-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const set = (value: string) => writeFileSync(join(folder, 'idleSeconds'), value);
    set(idleSeconds);
    const proxy = await startProgram('queue-proxy', { TARGET: target, SETTINGS: folder, LISTEN: '0' });
    const port = proxy.lines.find(({ msg }) => msg === 'handing on')!.port;
    return { proxy, set, address: `127.0.0.1:${port}` };
  }

  it.each([
    ['forgets a worker that only waits, and the worker does not notice', '0', 0, 1],
    ['keeps one that asks again and again', '0.1', 2, 0],
  ])('%s', async (_, heartbeat, booked, forgotten) => {
    const { address: target, client, server } = await startQueue();
    const { proxy, set, address } = await startProxy(target, '900');
    const env = { QUEUE_ADDR: address, HEARTBEAT_SECONDS: heartbeat };
    const booking = await startProgram('booking', env);
    await client.rPush('orders', order('1'));
    await until(
      async () => (await booking.metric('booking_orders_total', { outcome: 'booked' })) === 1,
      'an order',
    );
    set('0.5');
    const idle = () => proxy.metric('queue_proxy_connections_ended_total', { by: 'idle' });
    await until(
      async () => (await proxy.metric('queue_proxy_idle_timeout_seconds')) === 0.5,
      'the new setting',
    );
    if (forgotten) await until(async () => (await idle()) === 1, 'a forgotten connection');
    else await new Promise((resolve) => setTimeout(resolve, 1500));
    await expect.poll(() => server.connections.size).toBe(forgotten ? 1 : 2);
    await client.rPush('orders', order('2'));
    if (booked)
      await until(
        async () => (await booking.metric('booking_orders_total', { outcome: 'booked' })) === booked,
        'another',
      );
    else expect(await client.lLen('orders')).toBe(1);
    expect(await idle()).toBe(forgotten);
  });

  it('keeps the last good setting when there is a bad one, and says so', async () => {
    const { address: target } = await startQueue();
    const { proxy, set } = await startProxy(target, '60');
    set('soon');
    await until(
      async () => (await proxy.metric('queue_proxy_config_last_reload_successful')) === 0,
      'a refusal',
    );
    expect(await proxy.metric('queue_proxy_idle_timeout_seconds')).toBe(60);
  });
});

describe('redis-exporter', () => {
  it('tells how many wait and for how long, and tells of no value when Redis is gone', async () => {
    const { address, client, server } = await startQueue();
    const exporter = await startProgram('redis-exporter', { REDIS_ADDR: address, CHECK_LISTS: 'orders' });
    await client.rPush('orders', [order('1'), order('2')]);
    await client.get('none');
    await client.set('some', '1', { expiration: { type: 'EX', value: 60 } });
    expect(await exporter.metric('redis_up')).toBe(1);
    expect(await exporter.metric('redis_key_size', { key: 'orders' })).toBe(2);
    expect(Math.round((await exporter.metric('queue_oldest_message_seconds')) / 10)).toBe(2);
    expect(await exporter.metric('redis_keyspace_misses_total')).toBe(1);
    expect(await exporter.metric('redis_db_keys', { db: 'db0' })).toBe(2);
    expect(await exporter.metric('redis_db_keys_expiring', { db: 'db0' })).toBe(1);
    server.close();
    await until(async () => (await exporter.metric('redis_up')) === 0, 'that it is down');
    expect((await exporter.admin('/metrics')).text).not.toMatch(
      /^(redis_connected_clients|redis_key_size\{)/m,
    );
  });
});
