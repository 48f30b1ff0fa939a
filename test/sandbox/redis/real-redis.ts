import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { RedisServer } from '../../../src/sandbox/redis/server.ts';
import { readSettings } from '../../../src/sandbox/redis/settings.ts';

/** A connection that sends bytes and reads what comes, untranslated. */
export class Line {
  private text = '';
  closed = false;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.closed = true;
    });
  }

  static async open(port: number): Promise<Line> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Line(socket);
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  sendWords(words: readonly string[]): void {
    this.send(
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word, 'latin1')}\r\n${word}\r\n`).join('')}`,
    );
  }

  /** What came since the last time, once `end` has come at its end or the connection is closed. */
  async until(end: string): Promise<string> {
    while (!this.closed && !this.text.endsWith(end)) await new Promise((resolve) => setTimeout(resolve, 2));
    const { text } = this;
    this.text = '';
    return text;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Ours, on a free port. */
export async function startOurs(...args: string[]): Promise<{ port: number; server: RedisServer }> {
  const server = new RedisServer(readSettings(args));
  return { server, port: await server.listen(0) };
}

/** Debian's, on a free port of loopback; nothing is written. */
export async function startReal(): Promise<{ port: number; child: ChildProcess }> {
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', options, { stdio: 'ignore' });
  for (;;) {
    try {
      (await Line.open(port)).close();
      return { port, child };
    } catch {
      if (child.exitCode !== null)
        throw new Error(`Expected redis-server to start, got exit code ${child.exitCode}.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
