import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ConductorAddress, Role } from './protocol.ts';
import { type DeskAnswer, type DeskRequest, Refusal, refusalOf } from './requests.ts';
import { socketFolder, socketName, sweepSocketFolders } from './socket-folder.ts';

export interface SocketServer {
  address: ConductorAddress;
  /** Lets readers of events read up to `closed` (for 3 s at most), then closes. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export interface SocketOptions {
  /** Id of the game. */
  game: string;
  answer(request: DeskRequest, role: Role): Promise<DeskAnswer>;
  /** Takes a request over whose answer is a stream; false: it is not one. */
  stream?(request: DeskRequest, role: Role, response: ServerResponse): Promise<boolean>;
}

/** Serves the API of a game over HTTP on a socket in a private folder, to those who know a token of it. */
export async function serveSocket(options: SocketOptions): Promise<SocketServer> {
  await sweepSocketFolders();
  const folder = socketFolder();
  const tokens: Record<Role, string> = { responder: token(), master: token() };
  const socket = join(folder, socketName);
  const server = createServer((request, response) => {
    serve(request, response, tokens, options).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, refusalOf(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  const stop = (patience: number) =>
    new Promise<void>((resolve) => {
      const impatient = setTimeout(() => server.closeAllConnections(), patience);
      server.close(() => {
        clearTimeout(impatient);
        rmSync(folder, { recursive: true, force: true });
        resolve();
      });
    });
  return {
    address: { version: 1, game: options.game, pid: process.pid, socket, tokens },
    finish: () => stop(3000),
    close: () => stop(0),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  tokens: Record<Role, string>,
  { answer, stream }: SocketOptions,
): Promise<void> {
  const role = roleOf(request, tokens);
  const { method = 'GET', url: path = '/' } = request;
  const asked: DeskRequest = { method, path, ...(method !== 'GET' && { body: await textOf(request) }) };
  if (await stream?.(asked, role, response)) return;
  send(response, await answer(asked, role));
}

function roleOf(request: IncomingMessage, tokens: Record<Role, string>): Role {
  const given = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  for (const role of ['master', 'responder'] as const) {
    const expected = Buffer.from(tokens[role]);
    const seen = Buffer.from(given);
    if (seen.length === expected.length && timingSafeEqual(seen, expected)) return role;
  }
  throw new Refusal(401, 'unknown-token', 'That token does not belong to this game.');
}

/** Enough for the pre-image of the largest object that etcd takes (1.5 MB), several at once. */
const largestBody = 16 * 1024 * 1024;

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new Refusal(400, 'too-large', `Expected at most ${largestBody} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, { status, body }: DeskAnswer): void {
  response.writeHead(status, body === '' ? {} : { 'content-type': 'application/json' }).end(body);
}

function token(): string {
  return randomBytes(24).toString('base64url');
}
