import { randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { GameLog } from '../log/log.ts';
import type { Action, Preimage } from '../recorder/action.ts';
import { streamEvents } from './event-stream.ts';
import type { ConductorAddress, Declaration, DeclarationAnswer, GameInfo, Role } from './protocol.ts';
import { actionsSchema, declarationSchema, preimagesSchema } from './protocol-schema.ts';

/** What the server asks of the conductor behind it. */
export interface Desk {
  info(): GameInfo;
  origins(prefix: string): Promise<string[]>;
  declare(declaration: Declaration): Promise<DeclarationAnswer>;
  actions(actions: Action[]): void;
  /** Resolves only when they are on disk. */
  preimages(preimages: Preimage[]): Promise<void>;
}

export interface ConductorServer {
  address: ConductorAddress;
  /** Lets readers of events read up to `closed` (for 3 s at most), then closes. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** Serves one game's API on a socket in a private folder. */
export async function serveConductor(game: string, log: GameLog, desk: Desk): Promise<ConductorServer> {
  const folder = socketFolder();
  const tokens: Record<Role, string> = { responder: token(), master: token() };
  const socket = join(folder, 's');
  const server = createServer((request, response) => {
    answer(request, response, { log, desk, tokens }).catch((error: unknown) => refuse(response, error));
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
    address: { version: 1, game, pid: process.pid, socket, tokens },
    finish: () => stop(3000),
    close: () => stop(0),
  };
}

interface Context {
  log: GameLog;
  desk: Desk;
  tokens: Record<Role, string>;
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const { log, desk } = context;
  const role = roleOf(request, context.tokens);
  const url = new URL(request.url ?? '/', 'http://conductor');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /events':
      return streamEvents(response, log, {
        role,
        since: sequenceNumber(url.searchParams.get('since')),
        follow: url.searchParams.get('follow') !== 'false',
      });
    case 'GET /game':
      return sendJson(response, desk.info());
    case 'GET /origins':
      return sendJson(response, await desk.origins(url.searchParams.get('prefix') ?? ''));
    case 'POST /declarations': {
      const declaration = await body(request, declarationSchema);
      if (role !== 'master' && (declaration.type === 'start' || declaration.type === 'nudge')) {
        throw new Refusal(403, 'not-yours', `Only the game master may ${declaration.type}.`);
      }
      return sendJson(response, await desk.declare(declaration));
    }
    case 'POST /actions':
      desk.actions((await body(request, actionsSchema)).actions);
      return sendNothing(response);
    case 'POST /preimages':
      await desk.preimages((await body(request, preimagesSchema)).preimages);
      return sendNothing(response);
    default:
      throw new Refusal(404, 'unknown-path', `There is no ${request.method} ${url.pathname}.`);
  }
}

/** An answer other than 2xx. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
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

function sequenceNumber(text: string | null): number {
  if (text === null || /^\d{1,15}$/.test(text)) return Number(text ?? 0);
  throw new Refusal(400, 'wrong-since', `Expected the number of an event, got "${text}".`);
}

/** Enough for the pre-image of the largest object that etcd takes (1.5 MB), several at once. */
const largestBody = 16 * 1024 * 1024;

async function body<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new Refusal(400, 'too-large', `Expected at most ${largestBody} bytes.`);
    chunks.push(chunk);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal(400, 'not-json', 'Expected a JSON body.');
  }
  const result = schema.safeParse(parsed);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal(400, 'wrong-shape', `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function sendNothing(response: ServerResponse): void {
  response.writeHead(204).end();
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof Refusal ? error.status : error instanceof MisfortuneError ? 409 : 500;
  const code = error instanceof Refusal || error instanceof MisfortuneError ? error.code : 'internal';
  const message = error instanceof Error ? error.message : String(error);
  const todo = error instanceof MisfortuneError ? error.todo : undefined;
  sendJson(response, { error: { code, message, ...(todo ? { todo } : {}) } }, status);
}

/** A private folder whose path leaves room for a socket: macOS takes 104 bytes with the closing NUL. */
function socketFolder(): string {
  const bases = [tmpdir(), '/tmp'];
  const base = bases.find((one) => Buffer.byteLength(join(one, 'desk-XXXXXX', 's')) < 104);
  if (base) return mkdtempSync(join(base, 'desk-'));
  throw new MisfortuneError(
    'no-socket',
    `Expected a folder for temporary files with a short path, got ${tmpdir()}`,
    {
      todo: 'Set TMPDIR to a path shorter than 90 bytes.',
      exitCode: exitCodes.usage,
    },
  );
}

function token(): string {
  return randomBytes(24).toString('base64url');
}
