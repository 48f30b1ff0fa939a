import { afterAll, beforeAll, expect, test } from 'vitest';
import { ready, startTestNode, type TestNode } from './node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
  node.pod('queue', {
    image: 'redis:7-alpine',
    args: ['--maxmemory', '8mb', '--save', '', '--appendonly', 'no'],
    ports: [{ containerPort: 6379 }],
    readinessProbe: { exec: { command: ['redis-cli', 'ping'] }, periodSeconds: 1 },
    resources: { limits: { memory: '128Mi' } },
  });
  await node.until('queue', ready);
});
afterAll(() => node.close());

const cli = async (...args: string[]) => {
  const { out, err, exitCode } = await node.exec('queue', 'redis-cli', ...args);
  return { text: out + err, exitCode };
};

test('a container of the image redis is one, with its options and its log', async () => {
  expect(await cli('config', 'get', 'maxmemory')).toEqual({ text: 'maxmemory\n8388608\n', exitCode: 0 });
  expect(await node.log('queue')).toContain('Ready to accept connections');
});

test.each([
  [['RPUSH', 'orders', 'a', 'b c', 'ö'], '3\n'],
  [['LRANGE', 'orders', '0', '-1'], 'a\nb c\nö\n'],
  [['--no-raw', 'LRANGE', 'orders', '0', '1'], '1) "a"\n2) "b c"\n'],
  [['--no-raw', 'GET', 'none'], '(nil)\n'],
  [['GET', 'none'], '\n'],
  [['GET', 'orders'], 'WRONGTYPE Operation against a key holding the wrong kind of value\n\n'],
  [['-n', '1', 'DBSIZE'], '0\n'],
  [['--no-raw', 'LLEN', 'orders'], '(integer) 3\n'],
  [['lrem', 'orders', '1', 'b c'], '1\n'],
])('redis-cli %j', async (args, text) => {
  expect(await cli(...args)).toEqual({ text, exitCode: 0 });
});

test('redis-cli reads commands from its input, and says when nobody listens', async () => {
  const { out } = await node.execWith('queue', Buffer.from('SET a "x y"\nGET a\n'), 'redis-cli');
  expect(out).toBe('OK\nx y\n');
  expect(await cli('-p', '6380', 'ping')).toEqual({
    text: 'Could not connect to Redis at 127.0.0.1:6380: Connection refused\n',
    exitCode: 1,
  });
});
