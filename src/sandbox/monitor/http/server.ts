import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusalOf } from '../../../own-host.ts';
import { nextTurn, Turn } from '../turns.ts';

export interface Request {
  readonly method: string;
  readonly path: string;
  /** Of the URL, and of a form in the body. */
  readonly params: URLSearchParams;
  /** Parts of the path that the route left open. */
  readonly match: Readonly<Record<string, string>>;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  /** Aborted when the client is gone before it was answered. */
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  /** Objects go out as JSON, text as text/plain, JsonChunks one by one. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpRoute {
  readonly methods: readonly string[];
  /** `:name` stands for one part, a `*` at the end for the rest. */
  readonly path: string;
  readonly handle: (request: Request) => Reply | Promise<Reply>;
}

/** JSON in pieces, for what is too large to be made at once: each is made and sent before the next. */
export class JsonChunks {
  readonly pieces: Iterable<string>;

  constructor(pieces: Iterable<string>) {
    this.pieces = pieces;
  }
}

/** Largest body of a request in bytes. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** A request that is not served, whatever its route: it is answered with this. */
class Refusal extends Error {
  readonly reply: Reply;

  constructor(status: number, message: string) {
    super(message);
    this.reply = { status, body: `${message}\n` };
  }
}

/** Serves the routes on a free port of 127.0.0.1. `onError` makes a reply of what a handler threw. */
export async function serve(
  routes: readonly HttpRoute[],
  onError: (error: unknown) => Reply,
): Promise<{ url: string; close(): Promise<void> }> {
  const compiled = routes.map((route) => ({ ...route, pattern: routePattern(route.path) }));
  const answer = async (incoming: IncomingMessage, signal: AbortSignal): Promise<Reply> => {
    const refusal = refusalOf(incoming);
    if (refusal !== undefined) throw new Refusal(403, refusal);
    const { path, params } = target(incoming.url ?? '/');
    const fitting = compiled.filter(({ pattern }) => pattern.test(path));
    if (fitting.length === 0) return { status: 404, body: '404 page not found\n' };
    const method = incoming.method === 'HEAD' ? 'GET' : (incoming.method ?? 'GET');
    const route = fitting.find(({ methods }) => methods.includes(method));
    if (!route) return { status: 405, body: 'Method Not Allowed\n' };
    const body = await readBody(incoming);
    if (incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      addPairs(params, body);
    const groups = route.pattern.exec(path)?.groups ?? {};
    const match = Object.fromEntries(
      Object.entries(groups).map(([name, part]) => [name, name === 'rest' ? part : unescaped(part ?? '')]),
    );
    return await route.handle({ method, path, params, match, body, headers: incoming.headers, signal });
  };
  const server = createServer((incoming, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    answer(incoming, gone.signal)
      .catch((error: unknown) => (error instanceof Refusal ? error.reply : onError(error)))
      .then((reply) => send(reply, incoming, response))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Path and parameters of a request line: a path, or an address as proxies write it. Throws Refusal. */
function target(url: string): { path: string; params: URLSearchParams } {
  const relative = /^https?:\/\/[^/?#]+(.*)$/is.exec(url)?.[1] ?? url;
  const [raw = '', query = ''] = [relative.replace(/[?#].*$/s, ''), /\?([^#]*)/s.exec(relative)?.[1]];
  if (/%(?![0-9a-f]{2})/i.test(raw)) throw new Refusal(400, '400 Bad Request');
  const params = new URLSearchParams();
  addPairs(params, query);
  return { path: raw.replace(/(.)\/$/, '$1') || '/', params };
}

/** Pairs that are not well formed are passed over, as Go does. */
function addPairs(params: URLSearchParams, text: string): void {
  const pairs = text.split('&').filter((pair) => !/;|%(?![0-9a-f]{2})/i.test(pair));
  for (const [name, value] of new URLSearchParams(pairs.join('&'))) params.append(name, value);
}

/** A part of a path. Bytes that are no text are written as Go writes them: `\xff`. */
function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => `\\x${digits.toLowerCase()}`);
  }
}

function routePattern(path: string): RegExp {
  const source = path
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:(\w+)/g, '(?<$1>[^/]+)')
    .replace(/\/\*$/, '(?<rest>/.*)?');
  return new RegExp(`^${source}$`);
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Refusal(413, `Expected a body of at most ${BODY_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function send(reply: Reply, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  if (reply.body instanceof JsonChunks) {
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    if (incoming.method !== 'HEAD') await sendPieces(reply.body.pieces, response);
    response.end();
    return;
  }
  const isText = typeof reply.body === 'string';
  const content = isText ? (reply.body as string) : JSON.stringify(reply.body ?? null);
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(content),
    ...reply.headers,
  });
  response.end(incoming.method === 'HEAD' ? undefined : content);
}

async function sendPieces(pieces: Iterable<string>, response: ServerResponse): Promise<void> {
  const turn = new Turn();
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece))
      await new Promise<void>((resolve) => {
        const go = () => {
          response.off('drain', go).off('close', go);
          resolve();
        };
        response.on('drain', go).on('close', go);
      });
    if (turn.isOver) await nextTurn();
  }
}
