import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { openConnection } from '../../../src/sandbox/network/connection.ts';
import { get } from '../../../src/sandbox/network/http.ts';

/** A relay of the second wall that takes its time, as all of them do on a machine with too much to do. */
const folder = mkdtempSync(join(tmpdir(), 'relay-'));
let relay: Server | undefined;
const slowRelay = async (afterMs: number) => {
  const closed: Promise<void>[] = [];
  relay = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    setTimeout(() => socket.write('connected\n'), afterMs);
    closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
  });
  const pods = join(folder, 'pods');
  await new Promise<void>((resolve) => relay?.listen(pods, resolve));
  return { closed, pods };
};
afterEach(() => {
  relay?.close();
  rmSync(join(folder, 'pods'), { force: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

const route = { kind: 'local', address: '127.0.0.1', port: 80, podUid: 'uid' } as const;

it('closes a connection that is made after the one who wanted it has given up', async () => {
  const { closed, pods } = await slowRelay(150);
  const signal = AbortSignal.timeout(30);
  await expect(openConnection({ route }, 'shop', 80, { wall: { pods }, signal })).rejects.toMatchObject({
    code: 'ETIMEDOUT',
  });
  await Promise.all(closed);
});

it('leaves no connection behind when a scrape or a probe times out before it is made', async () => {
  const { closed, pods } = await slowRelay(150);
  const open = (signal: AbortSignal) => openConnection({ route }, 'shop', 80, { wall: { pods }, signal });
  await expect(get(open, { host: 'shop', port: 80, path: '/metrics', timeoutMs: 30 })).rejects.toMatchObject({
    code: 'ETIMEDOUT',
  });
  await Promise.all(closed);
});

it('keeps a connection that was made in time, whatever becomes of the signal', async () => {
  const { pods } = await slowRelay(5);
  const patience = new AbortController();
  const socket = await openConnection({ route }, 'shop', 80, { wall: { pods }, signal: patience.signal });
  patience.abort();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});
