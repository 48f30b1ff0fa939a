import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Request {
  readonly method: string;
  readonly path: string;
  /** Of the URL, and of a form in the body. */
  readonly params: URLSearchParams;
  /** Parts of the path that the route left open. */
  readonly match: Readonly<Record<string, string>>;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export interface Reply {
  readonly status: number;
  /** Objects go out as JSON, text as text/plain. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpRoute {
  readonly methods: readonly string[];
  /** `:name` stands for one part, a `*` at the end for the rest. */
  readonly path: string;
  readonly handle: (request: Request) => Reply | Promise<Reply>;
}

/** Largest body of a request in bytes. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** Serves the routes on a free port of 127.0.0.1. `onError` makes a reply of what a handler threw. */
export async function serve(
  routes: readonly HttpRoute[],
  onError: (error: unknown) => Reply,
): Promise<{ url: string; close(): Promise<void> }> {
  const compiled = routes.map((route) => ({ ...route, pattern: routePattern(route.path) }));
  const answer = async (incoming: IncomingMessage): Promise<Reply> => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const path = url.pathname.replace(/(.)\/$/, '$1');
    const fitting = compiled.filter(({ pattern }) => pattern.test(path));
    if (fitting.length === 0) return { status: 404, body: '404 page not found\n' };
    const method = incoming.method === 'HEAD' ? 'GET' : (incoming.method ?? 'GET');
    const route = fitting.find(({ methods }) => methods.includes(method));
    if (!route) return { status: 405, body: 'Method Not Allowed\n' };
    const body = await readBody(incoming);
    const params = url.searchParams;
    if (incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
      for (const [name, value] of new URLSearchParams(body)) params.append(name, value);
    }
    const groups = route.pattern.exec(path)?.groups ?? {};
    const match = Object.fromEntries(
      Object.entries(groups).map(([name, part]) => [name, decodeURIComponent(part)]),
    );
    return await route.handle({ method, path, params, match, body, headers: incoming.headers });
  };
  const server = createServer((incoming, response) => {
    answer(incoming)
      .catch(onError)
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
    if (size > BODY_LIMIT) throw new Error(`Expected a body of at most ${BODY_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(reply: Reply, incoming: IncomingMessage, response: ServerResponse): void {
  const isText = typeof reply.body === 'string';
  const content = isText ? (reply.body as string) : JSON.stringify(reply.body ?? null);
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(content),
    ...reply.headers,
  });
  response.end(incoming.method === 'HEAD' ? undefined : content);
}
