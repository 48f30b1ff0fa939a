import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer as createHttpServer, type IncomingMessage, request } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { program } from '../../../../src/paths.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return (server.address() as { port: number }).port;
}

/** Echoes what it gets, and remembers its connections. */
async function echo(): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).pipe(socket);
    cleanups.push(() => socket.destroy());
  });
  return { port: await listen(server), sockets };
}

/** The program before a port of loopback, and the port at which it listens itself. */
async function front(
  to: number,
  env: Record<string, string> = {},
): Promise<{ port: number; child: ChildProcess }> {
  const child = spawn(process.execPath, [program('programs/proxy.cjs')], {
    env: { HOST: '127.0.0.1', PORTS: JSON.stringify([{ listen: 0, port: to }]), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  for await (const line of createInterface(child.stdout!)) {
    const { msg, port } = JSON.parse(line);
    if (msg === 'listening') return { port, child };
  }
  throw new Error('it does not listen');
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  cleanups.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Milliseconds until the answer to a text came back whole. */
async function roundTrip(socket: Socket, text: string): Promise<number> {
  const began = performance.now();
  socket.write(text);
  for (let seen = ''; seen.length < text.length; ) seen += String((await once(socket, 'data'))[0]);
  return performance.now() - began;
}

describe('the proxy program', () => {
  it('delays each round trip by the delay, more or less the jitter', async () => {
    const origin = await echo();
    const { port } = await front(origin.port, { DELAY_MS: '120', JITTER_MS: '60' });
    const socket = await dial(port);
    const times: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) times.push(await roundTrip(socket, 'ping'));
    expect(Math.min(...times)).toBeGreaterThan(55);
    expect(Math.max(...times)).toBeGreaterThan(120);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(10);
  });

  it('is late by one delay for megabytes in many pieces, and changes none of it', async () => {
    const origin = await echo();
    const { port } = await front(origin.port, { DELAY_MS: '500' });
    const socket = await dial(port);
    const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 251));
    const began = performance.now();
    socket.end(sent);
    const pieces: Buffer[] = [];
    for await (const piece of socket) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).equals(sent)).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(500);
    // One delay for each of some fifty pieces of 64 KiB would be 23 s.
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('hands on ends and resets of both sides', async () => {
    const origin = await echo();
    const { port } = await front(origin.port);
    const [one, other, third] = [await dial(port), await dial(port), await dial(port)];
    for (const socket of [one, other, third]) await roundTrip(socket, 'x');
    const ended = once(origin.sockets[1]!, 'end');
    one.end();
    await ended;
    origin.sockets[2]!.destroySoon();
    await once(other.resume(), 'end');
    const reset = once(third, 'error');
    origin.sockets[3]!.resetAndDestroy();
    expect(await reset).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('forgets an idle connection without an end, a reset or an answer, and keeps one that is in use', async () => {
    const origin = await echo();
    const { port } = await front(origin.port, { IDLE_MS: '2000' });
    const [idle, busy] = [await dial(port), await dial(port)];
    await roundTrip(idle, 'hello');
    for (let turn = 0; turn < 14; turn += 1) {
      await roundTrip(busy, 'ping');
      await sleep(200);
    }
    let told = '';
    for (const event of ['data', 'end', 'error', 'close']) idle.on(event, () => (told += event));
    idle.write('anybody there?');
    await roundTrip(busy, 'ping');
    await sleep(200);
    expect([told, idle.destroyed, origin.sockets[1]!.readyState]).toEqual(['', false, 'open']);
    await roundTrip(busy, 'ping');
    // What is left of it goes when its owner lets go of it.
    idle.end();
    await once(idle, 'close');
  });

  it('touches only the share of the connections that it is told to', async () => {
    const origin = await echo();
    const { port } = await front(origin.port, { DELAY_MS: '2000', SHARE: '0.5' });
    const sockets = await Promise.all(Array.from({ length: 40 }, () => dial(port)));
    const times = await Promise.all(sockets.map((socket) => roundTrip(socket, 'ping')));
    const late = times.filter((time) => time >= 2000).length;
    // 40 throws of a coin are outside of this once in 30,000 times.
    expect(late).toBeGreaterThan(7);
    expect(late).toBeLessThan(33);
  });

  it('is ready only once something behind it takes connections', async () => {
    const reserved = createServer();
    const origin = await listen(reserved);
    reserved.close();
    await once(reserved, 'close');
    let isListening = false;
    const proxied = front(origin).then((found) => {
      isListening = true;
      return found;
    });
    await sleep(700);
    expect(isListening).toBe(false);
    const late = createServer((socket) => socket.pipe(socket)).listen(origin, '127.0.0.1');
    cleanups.push(() => late.close());
    const socket = await dial((await proxied).port);
    await roundTrip(socket, 'ping');
    socket.destroy();
  });

  it('ends when it is told to, and first lets quiet connections end in order', async () => {
    const origin = await echo();
    const { port, child } = await front(origin.port);
    const socket = await dial(port);
    await roundTrip(socket, 'ping');
    const events: string[] = [];
    for (const event of ['end', 'error']) socket.on(event, () => events.push(event));
    socket.resume().on('end', () => socket.end());
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(events).toEqual(['end']);
  });
});

describe('the proxy program with errors', () => {
  /** An HTTP server that says what it got. */
  async function web(): Promise<{ port: number; seen: IncomingMessage[]; sockets: Set<Socket> }> {
    const seen: IncomingMessage[] = [];
    const sockets = new Set<Socket>();
    const server = createHttpServer((got, response) => {
      seen.push(got);
      sockets.add(got.socket);
      let body = '';
      got.on('data', (piece) => {
        body += piece;
      });
      got.on('end', () => {
        if (got.url === '/cut') return void got.socket.resetAndDestroy();
        response.writeHead(201, { 'x-shop': 'till', 'set-cookie': ['a=1', 'b=2'] }).end(`got ${body}`);
      });
    });
    return { port: await listen(server), seen, sockets };
  }

  const ask = (port: number, agent: Agent, path = '/quote?of=1', body = 'beans') =>
    new Promise<{ status?: number; body: string; headers: IncomingMessage['headers'] }>((resolve, reject) => {
      const headers = { 'x-trace': 'abc', host: 'checkout.shop' };
      const sent = request({ port, path, agent, headers, method: 'POST', host: '127.0.0.1' }, (answer) => {
        let text = '';
        answer.on('data', (piece) => {
          text += piece;
        });
        answer.on('end', () => resolve({ status: answer.statusCode, body: text, headers: answer.headers }));
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });

  function keeping(): Agent {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanups.push(() => agent.destroy());
    return agent;
  }

  it('answers a share of the requests itself, and hands the others on as they are', async () => {
    const origin = await web();
    const { port } = await front(origin.port, { ERROR_SHARE: '0.5', ERROR_STATUS: '502' });
    const agent = keeping();
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    for (let turn = 0; turn < 60; turn += 1) answers.push(await ask(port, agent));
    const failed = answers.filter(({ status }) => status === 502);
    // 60 throws of a coin are outside of this once in 10,000 times.
    expect(failed.length).toBeGreaterThan(14);
    expect(failed.length).toBeLessThan(46);
    expect(failed[0]!.body).toBe('Bad Gateway\n');
    const [passed] = answers.filter(({ status }) => status === 201);
    expect(passed).toMatchObject({
      body: 'got beans',
      headers: { 'x-shop': 'till', 'set-cookie': ['a=1', 'b=2'] },
    });
    expect(origin.seen).toHaveLength(60 - failed.length);
    expect(origin.seen[0]).toMatchObject({ method: 'POST', url: '/quote?of=1' });
    expect(origin.seen[0]!.headers).toMatchObject({ 'x-trace': 'abc', host: 'checkout.shop' });
    // One connection of the client's is one to the server behind.
    expect(origin.sockets.size).toBe(1);
  });

  it('delays errors as well, and resets where the server behind gives no answer', async () => {
    const origin = await web();
    const delayed = await front(origin.port, { ERROR_SHARE: '1', DELAY_MS: '200' });
    const began = performance.now();
    expect((await ask(delayed.port, keeping())).status).toBe(503);
    expect(performance.now() - began).toBeGreaterThan(195);
    const plain = await front(origin.port, { ERROR_SHARE: '0.000001' });
    await expect(ask(plain.port, keeping(), '/cut')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
