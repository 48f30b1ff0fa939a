import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  method: string;
  path: string;
  parameters: URLSearchParams;
  headers: IncomingMessage['headers'];
}

/** A real HTTP server that answers as it is told. */
export async function answering(
  answer: (asked: Asked) => { status?: number; body: unknown } | undefined,
): Promise<{ url: string; asked: Asked[]; close(): Promise<void> }> {
  const asked: Asked[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url!, 'http://here');
    const parameters = body ? new URLSearchParams(body) : url.searchParams;
    const one = { method: request.method!, path: url.pathname, parameters, headers: request.headers };
    asked.push(one);
    const given = answer(one);
    // No answer: the connection stays open until the client gives up.
    if (!given) return;
    response.statusCode = given.status ?? 200;
    response.end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
