/** The same bytes to ours and to Debian's redis-server; the answers must be the same bytes. */
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisServer } from '../../../src/sandbox/redis/server.ts';
import { skipsWithout } from '../../slow/monitor/installed.ts';
import { Line, startOurs, startReal } from './real-redis.ts';

const END = '$8\r\nthat-end\r\n';

const CASES: Record<string, string[]> = {
  texts: [
    'SET a 1',
    'GET a',
    'GET none',
    'SET a 2 NX',
    'SET a 2 XX',
    'SET b 2 XX',
    'SET a 3 GET',
    'SET none 3 NX GET',
    'INCR a',
    'INCRBY a 41',
    'DECR a',
    'DECRBY a 5',
    'APPEND a xyz',
    'STRLEN a',
    'INCR a',
    'MSET c 1 d 2',
    'MGET a c none d',
    'GETDEL c',
    'GETDEL c',
    'SETNX d 9',
    'SETNX e 9',
    'SET f',
    'GET',
    'SET f 1 EX',
    'SET f 1 EX 0',
    'SET f 1 EX x',
    'SET f 1 BAD',
    'SET f 1 NX XX',
    'SET f 1 EX 10 KEEPTTL',
    'SETEX g 100 v',
    'TTL g',
    'SETEX g 0 v',
    'PSETEX g 100000 v',
    'MSET a',
    'MSET a 1 b',
    'INCRBY a 9007199254740993x',
  ],
  expiry: [
    'SET a 1 EX 100',
    'TTL a',
    'SET a 1',
    'TTL a',
    'EXPIRE a 50',
    'TTL a',
    'PERSIST a',
    'PERSIST a',
    'TTL a',
    'TTL none',
    'PTTL none',
    'EXPIRE none 5',
    'EXPIRE a 10 NX',
    'EXPIRE a 20 NX',
    'EXPIRE a 5 GT',
    'EXPIRE a 50 GT',
    'EXPIRE a 5 LT',
    'EXPIRE a 5 XX',
    'EXPIRE a 5 QX',
    'TTL a',
    'SET a 2 KEEPTTL',
    'TTL a',
    'EXPIRE a -1',
    'EXISTS a',
    'SET a 1 PX 100000',
    'INCR a',
    'TTL a',
    'EXPIRE a x',
    'SET b 1 EXAT 4102444800',
    'EXISTS a b none a',
    'EXPIREAT a 1',
    'EXISTS a',
  ],
  lists: [
    'LPUSH l a b c',
    'RPUSH l d',
    'LRANGE l 0 -1',
    'LRANGE l 1 2',
    'LRANGE l -2 -1',
    'LRANGE l 5 9',
    'LRANGE l -100 100',
    'LRANGE l 2 1',
    'LLEN l',
    'LLEN none',
    'LPOP l',
    'RPOP l',
    'LPOP l 2',
    'LPOP l',
    'LPOP l 2',
    'EXISTS l',
    'RPUSH l 1 2 1 3 1',
    'LREM l 2 1',
    'LRANGE l 0 -1',
    'RPUSH l 1 2',
    'LREM l -1 1',
    'LREM l 0 2',
    'LRANGE l 0 -1',
    'LREM none 0 x',
    'LINDEX l 0',
    'LINDEX l -1',
    'LINDEX l 9',
    'LMOVE l m LEFT RIGHT',
    'LMOVE l m RIGHT LEFT',
    'LMOVE l m LEFT LEFT',
    'LRANGE m 0 -1',
    'LMOVE m m LEFT RIGHT',
    'LMOVE m m UP RIGHT',
    'RPOPLPUSH m l',
    'BLPOP l 1',
    'BRPOP none l m 1',
    'RPUSH l 1 2 3 4',
    'LTRIM l 1 2',
    'LRANGE l 0 -1',
    'LTRIM l 5 9',
    'EXISTS l',
    'RPUSH l x',
    'BLMOVE l m LEFT LEFT 1',
    'BLPOP none x',
    'BLPOP none -1',
    'BLPOP none 0.02',
    'BLMOVE none m LEFT LEFT 0.02',
    'BRPOPLPUSH none m 0.02',
    'LPOP m -1',
    'LPOP m x',
    'LPUSH l',
    'RPOP l 0',
    'RPOP l 1 2',
    'SET s 1',
    'LPUSH s x',
    'BLPOP s 1',
    'LMOVE m s LEFT LEFT',
    'LRANGE m 0 -1',
  ],
  hashes: [
    'HSET h a 1 b 2',
    'HSET h a 3 c 4',
    'HGET h a',
    'HGET h none',
    'HGET none a',
    'HGETALL h',
    'HGETALL none',
    'HLEN h',
    'HEXISTS h a',
    'HEXISTS h x',
    'HKEYS h',
    'HVALS h',
    'HMGET h a x',
    'HDEL h a x',
    'HDEL h b c',
    'EXISTS h',
    'HSET h a',
    'HSET h a 1 b',
    'HINCRBY h n 5',
    'HINCRBY h n x',
    'HSET h t x',
    'HINCRBY h t 1',
    'GET h',
    'SET s 1',
    'HGET s a',
    'HDEL s a',
    'TYPE h',
    'TYPE s',
    'TYPE none',
    'HMSET h z 1',
  ],
  keys: [
    'MSET k1 1 k2 2 other 3',
    'KEYS k1',
    'KEYS none*',
    'DBSIZE',
    'DEL k1 none',
    'UNLINK k2',
    'DBSIZE',
    'RENAME other new',
    'RENAME other new',
    'GET new',
    'SELECT 1',
    'DBSIZE',
    'GET new',
    'SET one 1',
    'SELECT 16',
    'SELECT x',
    'SELECT 0',
    'FLUSHDB',
    'DBSIZE',
    'SELECT 1',
    'DBSIZE',
    'FLUSHALL',
    'DBSIZE',
    'SCAN 0',
    'SCAN x',
    'SCAN 0 COUNT 0',
    'SCAN 0 MATCH',
    'SET only 1',
    'SCAN 0 COUNT 10000',
    'SCAN 0 COUNT 10000 TYPE list',
    'SCAN 0 MATCH o* COUNT 10000',
  ],
  transactions: [
    'MULTI',
    'SET a 1',
    'INCR a',
    'GET a',
    'EXEC',
    'EXEC',
    'DISCARD',
    'MULTI',
    'MULTI',
    'SET a 9',
    'DISCARD',
    'GET a',
    'MULTI',
    'NOPE',
    'SET a 5',
    'EXEC',
    'GET a',
    'MULTI',
    'LPUSH a x',
    'GET a',
    'EXEC',
    'WATCH a',
    'SET a 7',
    'MULTI',
    'GET a',
    'EXEC',
    'WATCH a',
    'UNWATCH',
    'SET a 8',
    'MULTI',
    'GET a',
    'EXEC',
    'MULTI',
    'WATCH a',
    'DISCARD',
    'MULTI',
    'BLPOP none 1',
    'EXEC',
    'MULTI',
    'EXEC',
  ],
  server: [
    'PING',
    'PING hello',
    'PING a b',
    'ECHO x',
    'ECHO',
    'NOPE',
    'NOPE a b',
    'CLIENT GETNAME',
    'CLIENT SETNAME me',
    'CLIENT GETNAME',
    'CONFIG GET maxmemory',
    'CONFIG GET maxmemory-policy',
    'CONFIG SET maxmemory 100mb',
    'CONFIG GET maxmemory',
    'CONFIG SET maxmemory 0',
    'CONFIG GET nope',
    'CONFIG SET maxmemory x',
    'HELLO 4',
    'HELLO x',
    'CLIENT NO-EVICT off',
    'RESET',
  ],
  inline: ['\r\n', 'SET q "a b"', 'GET q', "SET q 'it'", 'GET q', 'SET q "x\\ny\\x41"', 'GET q', 'get q'],
};

const BROKEN: Record<string, string> = {
  'a length that is no number': '*2\r\n$x\r\n',
  'a negative length': '*2\r\n$-5\r\n',
  'words without lengths': '*2\r\nGET\r\n',
  'a number of words that is none': '*x\r\n',
  'quotes that do not end': 'SET a "b\r\n',
  'no words at all': '*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n',
  'a request that was cut off by QUIT': '*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n',
};

describe.skipIf(skipsWithout('redis-server', 'redis-server'))(
  'the program for the image redis, beside the real one',
  () => {
    let ours: { port: number; server: RedisServer };
    let real: { port: number; child: ChildProcess };
    beforeAll(async () => {
      ours = await startOurs();
      real = await startReal();
    });
    afterAll(() => {
      ours.server.close();
      real.child.kill('SIGKILL');
    });

    async function answers(port: number, requests: readonly string[], version: number): Promise<string[]> {
      const line = await Line.open(port);
      line.send(`FLUSHALL\r\n${version === 3 ? 'HELLO 3\r\n' : ''}ECHO that-end\r\n`);
      await line.until(END);
      for (const request of requests) line.send(request.endsWith('\r\n') ? request : `${request}\r\n`);
      line.send('ECHO that-end\r\n');
      const text = await line.until(END);
      line.close();
      return text.split('\r\n');
    }

    it.each(Object.keys(CASES).flatMap((name) => [[name, 2] as const, [name, 3] as const]))(
      'answers %s alike in RESP%i',
      async (name, version) => {
        expect(await answers(ours.port, CASES[name]!, version)).toEqual(
          await answers(real.port, CASES[name]!, version),
        );
      },
    );

    it.each(Object.keys(BROKEN))('answers %s alike, and closes the connection alike', async (name) => {
      const seen = async (port: number) => {
        const line = await Line.open(port);
        line.send(BROKEN[name]!);
        const text = await line.until('never');
        return { text, closed: line.closed };
      };
      expect(await seen(ours.port)).toEqual(await seen(real.port));
    });

    it('serves those who wait in the order in which they came, also one list behind another', async () => {
      const seen = async (port: number) => {
        const [first, second, third, writer] = await Promise.all([1, 2, 3, 4].map(() => Line.open(port)));
        writer!.send('FLUSHALL\r\n');
        await writer!.until('+OK\r\n');
        first!.send('BLMOVE from to LEFT RIGHT 5\r\n');
        await blocked(port, 1);
        second!.send('BLPOP to from 5\r\n');
        await blocked(port, 2);
        third!.send('BLPOP from 5\r\n');
        await blocked(port, 3);
        writer!.send('RPUSH from one two three\r\n');
        const texts = [
          await first!.until('\r\n'),
          await second!.until('\r\n'),
          await third!.until('\r\n'),
          await writer!.until('\r\n'),
        ];
        writer!.send('LRANGE from 0 -1\r\n');
        texts.push(await writer!.until('\r\n'));
        for (const line of [first, second, third, writer]) line!.close();
        return texts;
      };
      expect(await seen(ours.port)).toEqual(await seen(real.port));
    });

    async function blocked(port: number, count: number): Promise<void> {
      const line = await Line.open(port);
      for (let text = ''; !text.includes(`blocked_clients:${count}\r\n`); ) {
        line.send('INFO clients\r\nECHO that-end\r\n');
        text = await line.until(END);
      }
      line.close();
    }
  },
);
