import { Agent, createServer, type Server, STATUS_CODES, request as send } from 'node:http';
import type { Socket } from 'node:net';

/** Which HTTP requests are answered at once, and with what. */
export interface Errors {
  /** 0 to 1, of the requests. */
  share: number;
  status: number;
}

/**
 * Hands HTTP/1.1 requests on, apart from a share that it answers with an error itself. Each connection of a client has one of
 * its own to the server behind, and ends with it; no header is changed. An upgrade (WebSocket) is not handed on.
 */
export function failingServer({ share, status }: Errors, behind: { host: string; port: number }): Server {
  const agents = new WeakMap<Socket, Agent>();
  const server = createServer((request, response) => {
    if (Math.random() < share) {
      request.resume();
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`${STATUS_CODES[status] ?? status}\n`);
      return;
    }
    const { method, url: path, rawHeaders: headers, socket } = request;
    const onward = send({ ...behind, method, path, headers, agent: agents.get(socket) });
    request.pipe(onward);
    onward.once('response', (answer) => {
      response.sendDate = false;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    onward.once('error', () => response.destroy());
    response.once('close', () => {
      if (!response.writableFinished) onward.destroy();
    });
  });
  server.on('connection', (socket) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.set(socket, agent);
    socket.once('close', () => agent.destroy());
  });
  // How long a connection may be idle, and a request take, is for the server behind to say.
  return Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
}
