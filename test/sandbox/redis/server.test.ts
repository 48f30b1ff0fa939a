import { createClient, type RedisClientType } from 'redis';
import { afterEach, describe, expect, it } from 'vitest';
import { RedisServer } from '../../../src/sandbox/redis/server.ts';
import { readSettings } from '../../../src/sandbox/redis/settings.ts';
import { Line, startOurs } from './real-redis.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function ours(...args: string[]) {
  const { port, server } = await startOurs(...args);
  ends.push(() => server.close());
  return { port, server };
}

describe('the npm client `redis`', () => {
  async function client(port: number, RESP: 2 | 3): Promise<RedisClientType> {
    const made = createClient({ RESP, url: `redis://127.0.0.1:${port}`, name: 'till', database: 2 });
    made.on('error', () => undefined);
    await made.connect();
    ends.push(() => made.destroy());
    return made as never;
  }

  it.each([2, 3] as const)(
    'works with it in RESP%i: values, lists, hashes, waiting, transactions',
    async (RESP) => {
      const { port } = await ours();
      const one = await client(port, RESP);
      const other = await client(port, RESP);
      await one.set('price', '2.20', { expiration: { type: 'EX', value: 30 } });
      expect([await one.get('price'), await one.ttl('price'), await one.get('none')]).toEqual([
        '2.20',
        30,
        null,
      ]);
      await one.hSet('order', { id: '7', sum: '12.40' });
      expect({ ...(await one.hGetAll('order')) }).toEqual({ id: '7', sum: '12.40' });
      const waits = one.blMove('orders', 'taken', 'RIGHT', 'LEFT', 0);
      await other.lPush('orders', ['first', 'second']);
      expect(await waits).toBe('first');
      expect(await other.multi().lRem('taken', 1, 'first').lLen('orders').exec()).toEqual([1, 1]);
      expect(await other.blPop('none', 0.02)).toBeNull();
      expect((await other.scan('0', { COUNT: 1000 })).keys.sort()).toEqual(['order', 'orders', 'price']);
      expect(await other.clientGetName()).toBe('till');
      expect(await other.dbSize()).toBe(3);
      await expect(other.lPush('price', 'x')).rejects.toThrow('WRONGTYPE');
      expect(await other.info('stats')).toMatch(/keyspace_hits:\d+/);
    },
  );
});

describe('memory', () => {
  it('is kept under maxmemory by giving up what was used longest ago', async () => {
    const { port, server } = await ours('--maxmemory', '1100000', '--maxmemory-policy', 'allkeys-lru');
    const line = await Line.open(port);
    ends.push(() => line.close());
    for (let at = 0; at < 300; at++) {
      line.sendWords(['SET', `key-${at}`, 'x'.repeat(1000)]);
      line.sendWords(['GET', 'key-0']);
    }
    line.send('ECHO all\r\n');
    await line.until('$3\r\nall\r\n');
    line.send('EXISTS key-0\r\nEXISTS key-1\r\nEXISTS key-299\r\n');
    expect(await line.until(':1\r\n')).toContain(':1\r\n');
    expect(server.keyspace.counts.evicted).toBeGreaterThan(150);
    expect(server.keyspace.usedBytes).toBeLessThan(1_105_000);
    const keys = [...server.keyspace.databases[0]!.keys()];
    expect(keys).toContain('key-0');
    expect(keys).not.toContain('key-1');
  });

  it('is refused by noeviction to what grows, and given to what frees', async () => {
    const { port } = await ours('--maxmemory', '1001000');
    const line = await Line.open(port);
    ends.push(() => line.close());
    line.sendWords(['SET', 'a', 'x'.repeat(2000)]);
    line.send('SET b 1\r\nGET a\r\n');
    line.send('DEL a\r\nSET b 1\r\nECHO end\r\n');
    const text = await line.until('$3\r\nend\r\n');
    expect(text).toMatch(/^\+OK\r\n-OOM command not allowed[^\r]*\r\n\$2000\r\nx+\r\n:1\r\n\+OK\r\n/);
  });

  it('counts nothing any more when everything is gone, whatever came and went', async () => {
    const { port, server } = await ours();
    const before = server.keyspace.usedBytes;
    const line = await Line.open(port);
    ends.push(() => line.close());
    for (const request of [
      'RPUSH l a bb ccc', 'LPOP l', 'LREM l 1 bb', 'LMOVE l m LEFT LEFT', 'HSET h a 1 b 22', 'HSET h a 333', 'HDEL h b', 'APPEND s xx', 'SET s y',
      'INCR n', 'RENAME s t', 'EXPIRE t 10', 'SETEX e 1 x', 'DEL m h t n e', 'DBSIZE', 'ECHO end',
    ]) // biome-ignore format: one look
      line.send(`${request}\r\n`);
    expect(await line.until('$3\r\nend\r\n')).toContain(':0\r\n');
    expect(server.keyspace.usedBytes).toBe(before);
  });
});

describe('expiry', () => {
  it('removes keys that nobody asks for any more', () => {
    let now = 1_000_000;
    const server = new RedisServer(readSettings([]), () => now);
    ends.push(() => server.close());
    const [db] = server.keyspace.databases;
    for (let at = 0; at < 500; at++) {
      db!.set(`key-${at}`, 'x');
      db!.expireAt(`key-${at}`, now + (at < 400 ? 1000 : 60_000));
    }
    now += 2000;
    server.keyspace.expireSome();
    expect(db!.size).toBe(100);
    expect(server.keyspace.counts.expired).toBe(400);
  });
});

describe('limits', () => {
  it('end a connection that announces too long a text or too many words, and no other', async () => {
    const { port } = await ours('--proto-max-bulk-len', '1kb');
    const good = await Line.open(port);
    ends.push(() => good.close());
    for (const [text, answer] of [
      ['*2\r\n$3\r\nGET\r\n$1025\r\n', 'invalid bulk length'],
      ['*1048577\r\n', 'invalid multibulk length'],
      [`*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000\r\n${'x'.repeat(999)}`.repeat(3), undefined],
      ['x'.repeat(70_000), 'too'],
    ] as const) {
      const line = await Line.open(port);
      line.send(text);
      if (answer) expect(await line.until('never')).toContain(answer);
      else line.close();
    }
    good.send('PING\r\n');
    expect(await good.until('\r\n')).toBe('+PONG\r\n');
  });

  it('take a text of many megabytes that comes in pieces', async () => {
    const { port } = await ours();
    const line = await Line.open(port);
    ends.push(() => line.close());
    const text = 'y'.repeat(8 * 2 ** 20);
    line.sendWords(['SET', 'a', text]);
    line.send('STRLEN a\r\n');
    expect(await line.until(`:${text.length}\r\n`)).toBe(`+OK\r\n:${text.length}\r\n`);
  });

  it('are those of redis.conf, and a wrong one is named', () => {
    expect(readSettings(['--maxmemory', '16mb', '--save', '""', '--appendonly', 'no']).maxmemory).toBe(
      '16777216',
    );
    expect(() => readSettings(['--maxmemory-policy', 'some'])).toThrow('must be one of');
    expect(() => readSettings(['--no-such', '1'])).toThrow("'no-such'");
  });
});
