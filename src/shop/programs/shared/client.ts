import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as send,
} from 'node:http';
import { IDENTITY_HEADER, type Mesh } from './mesh.ts';

interface CallOptions {
  method?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  /** Milliseconds until the connection must stand. */
  connectTimeoutMs?: number;
  /** Milliseconds until the whole answer must be there. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

interface Answer {
  status: number;
  body: string;
  headers: IncomingHttpHeaders;
}

/** Why no answer came: `code` is the socket's (ECONNREFUSED, ECONNRESET, …), TIMEOUT or CONNECT_TIMEOUT. */
export class CallError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CallError';
  }
}

/** Calls others over HTTP with kept connections, and says who it is as a member of the mesh. */
export interface HttpClient {
  /** @param dst the name of the callee in the mesh's metrics, e.g. `checkout.shop`. */
  call(dst: string, url: string, options?: CallOptions): Promise<Answer>;
}

/** @param keepAlive false: a connection for each call, so that each may end up at another replica. */
export function createClient(mesh: Mesh, { keepAlive = true } = {}): HttpClient {
  // fifo spreads requests over the open connections, and so over the replicas behind a Service.
  const agent = new Agent({ keepAlive, scheduling: 'fifo', maxFreeSockets: 64 });

  const once = (url: string, options: CallOptions): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const {
        method = 'GET',
        body,
        headers = {},
        connectTimeoutMs = 1000,
        timeoutMs = 5000,
        signal,
      } = options;
      const request = send(url, {
        method,
        agent,
        headers: { ...headers, [IDENTITY_HEADER]: mesh.identity },
        signal,
      });
      const connectTimer = setTimeout(
        () => fail('CONNECT_TIMEOUT', `no connection to ${url} in ${connectTimeoutMs} ms`),
        connectTimeoutMs,
      );
      const timer = setTimeout(() => fail('TIMEOUT', `no answer from ${url} in ${timeoutMs} ms`), timeoutMs);
      const settle = () => {
        clearTimeout(connectTimer);
        clearTimeout(timer);
      };
      const fail = (code: string, message: string) => request.destroy(new CallError(code, message));
      request.once('socket', (socket) => {
        if (socket.connecting) socket.once('connect', () => clearTimeout(connectTimer));
        else clearTimeout(connectTimer);
      });
      let answering = false;
      request.once('response', (response) => {
        answering = true;
        readAll(response).then((text) => {
          settle();
          resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers });
        }, reject);
      });
      request.once('error', (error: NodeJS.ErrnoException) => {
        settle();
        reject(!answering && isStale(request, error) ? new StaleConnection() : asCallError(error));
      });
      request.end(body);
    });

  return {
    async call(dst, url, options = {}) {
      const answered = mesh.outbound(dst);
      try {
        const answer = await once(url, options).catch((error: unknown) => {
          // A kept connection that the other side closed in the meantime never carried the request: once more.
          if (error instanceof StaleConnection) return once(url, options);
          throw error;
        });
        answered(answer.status);
        return answer;
      } catch (error) {
        answered(undefined);
        throw error;
      }
    },
  };
}

class StaleConnection extends CallError {
  constructor() {
    super('ECONNRESET', 'the kept connection was closed by the other side');
  }
}

function isStale(request: ClientRequest, error: NodeJS.ErrnoException): boolean {
  return request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function asCallError(error: NodeJS.ErrnoException): CallError {
  return error instanceof CallError ? error : new CallError(error.code ?? error.name, error.message);
}

function readAll(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.once('end', () => resolve(text));
    response.once('error', (error) => reject(asCallError(error)));
  });
}
