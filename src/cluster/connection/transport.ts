import http from 'node:http';
import https from 'node:https';
import {
  type Asked,
  ClusterError,
  errorOfAnswer,
  errorOfConnection,
  errorOfTimeout,
} from '../cluster-error.ts';
import type { Credentials, Identity } from './credentials.ts';

export interface Timeouts {
  /** Until the connection stands (TCP and TLS), ms. */
  connect: number;
  /** Until the whole answer is there (for a watch: its head), ms. */
  request: number;
}

export interface Request {
  method: string;
  /** With query. */
  path: string;
  /** For error texts: "list pods in shop". */
  what: string;
  body?: string;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  contentType: string;
  /** The server's clock when it answered, as it wrote it. */
  date?: string;
  body: string;
}

/** Sends requests to one API server over kept-alive connections. Throws ClusterError only where there is no answer. */
export class Transport {
  readonly #credentials: Credentials;
  readonly #timeouts: Timeouts;

  constructor(credentials: Credentials, timeouts: Timeouts) {
    this.#credentials = credentials;
    this.#timeouts = timeouts;
  }

  async send(request: Request, signal?: AbortSignal): Promise<Answer> {
    const { answer, identity } = await this.#sendOnce(request, signal);
    // An expired token of an exec plug-in shows as 401: ask the plug-in once more.
    return answer.status === 401 ? (await this.#sendOnce(request, signal, identity)).answer : answer;
  }

  /** Sends and expects a success; other answers become errors. */
  async expect(request: Request, signal?: AbortSignal): Promise<Answer> {
    const answer = await this.send(request, signal);
    if (answer.status >= 400) throw this.errorOf(request, answer);
    return answer;
  }

  errorOf(request: Request, answer: Answer): ClusterError {
    return errorOfAnswer(this.asked(request), answer.status, answer.contentType, answer.body);
  }

  asked(request: Request): Asked {
    return {
      method: request.method,
      path: request.path,
      what: request.what,
      server: this.#credentials.server,
    };
  }

  /** Opens a stream of lines, e.g. a watch. The request time-out holds for the head only. */
  async *lines(request: Request, signal: AbortSignal): AsyncGenerator<string> {
    const { response, stop } = await this.#open(request, signal);
    stop();
    try {
      if (response.statusCode! >= 400) {
        const body = await text(response);
        throw this.errorOf(request, answerOf(response, body));
      }
      yield* splitLines(response);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ClusterError ? error : errorOfConnection(this.asked(request), error, true);
    } finally {
      response.destroy();
    }
  }

  async #sendOnce(
    request: Request,
    signal: AbortSignal | undefined,
    refused?: Identity,
  ): Promise<{ answer: Answer; identity: Identity }> {
    const { response, stop, failed, identity } = await this.#open(request, signal, refused);
    try {
      return { answer: answerOf(response, await text(response)), identity };
    } catch (error) {
      signal?.throwIfAborted();
      throw failed() ?? errorOfConnection(this.asked(request), error, true);
    } finally {
      stop();
    }
  }

  async #open(request: Request, signal: AbortSignal | undefined, refused?: Identity): Promise<OpenRequest> {
    signal?.throwIfAborted();
    const identity = await this.#credentials.use(refused);
    const { headers, agent } = identity;
    const url = new URL(this.#credentials.server + request.path);
    const asked = this.asked(request);
    const { connect, request: whole } = this.#timeouts;
    return await new Promise<OpenRequest>((resolve, reject) => {
      const body = request.body === undefined ? undefined : Buffer.from(request.body);
      const outgoing = (url.protocol === 'http:' ? http : https).request(url, {
        agent,
        method: request.method,
        ...(signal && { signal }),
        headers: {
          accept: 'application/json',
          'user-agent': 'kube-client',
          ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
          ...headers,
          ...request.headers,
        },
      });
      let sent = false;
      let failure: ClusterError | undefined;
      const giveUp = (ms: number): NodeJS.Timeout =>
        setTimeout(() => {
          failure = errorOfTimeout(asked, ms, sent);
          outgoing.destroy(failure);
        }, ms);
      const connecting = giveUp(connect);
      const answering = giveUp(whole);
      const stop = (): void => {
        clearTimeout(connecting);
        clearTimeout(answering);
      };
      outgoing.once('socket', (socket) => {
        const ready = (): void => {
          clearTimeout(connecting);
          sent = true;
        };
        if (outgoing.reusedSocket) ready();
        else socket.once(url.protocol === 'http:' ? 'connect' : 'secureConnect', ready);
      });
      outgoing.once('response', (response) => {
        clearTimeout(connecting);
        resolve({ response, stop, failed: () => failure, identity });
      });
      outgoing.once('error', (error) => {
        stop();
        if (signal?.aborted) reject(signal.reason);
        else reject(failure ?? errorOfConnection(asked, error, sent));
      });
      outgoing.end(body);
    });
  }
}

interface OpenRequest {
  response: http.IncomingMessage;
  /** Ends the time-outs. */
  stop(): void;
  /** The time-out that broke the answer off, if one did. */
  failed(): ClusterError | undefined;
  /** What it was sent with. */
  identity: Identity;
}

function answerOf(response: http.IncomingMessage, body: string): Answer {
  const { date, 'content-type': contentType = '' } = response.headers;
  return { status: response.statusCode ?? 0, contentType, ...(date !== undefined && { date }), body };
}

async function text(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function* splitLines(response: http.IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
