import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import type { Clock } from '../../clock.ts';
import { refusalOf } from '../../own-host.ts';
import type { Actions, Caller } from '../actions.ts';
import type { Sink } from '../sink.ts';
import type { Upstream } from '../upstream.ts';
import { asksForDryRun } from './dry-run.ts';
import { hideMachinery } from './hide.ts';
import { isStream, isWrite, type ParsedRequest, parseKubeRequest } from './request.ts';
import { type KeptWrite, KubeWrites } from './write.ts';

/** A request that is under way. */
interface Forwarded {
  parsed: ParsedRequest | undefined;
  path: string;
  method: string;
  actionId: string;
  caller: Caller;
  /** Undefined: it changes nothing. */
  write: KeptWrite | undefined;
  /** Our own labels are taken out of the answer. */
  hide: boolean;
  send(): Promise<IncomingMessage>;
  outgoing: ServerResponse;
}

export interface KubeProxyOptions {
  upstream: Upstream;
  actions: Actions;
  sink: Sink;
  clock: Clock;
  who: string;
  /** Token that callers must show; kubectl has it from the generated kubeconfig. */
  token: string;
}

/**
 * The reverse proxy between a responder's kubectl and the API server. Streams pass unbuffered; before a write is
 * forwarded, what it will change is read and kept.
 */
export class KubeProxy {
  private readonly writes: KubeWrites;

  constructor(private readonly options: KubeProxyOptions) {
    this.writes = new KubeWrites(options);
  }

  async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      await this.forward(incoming, outgoing);
    } catch (error) {
      if (outgoing.headersSent) outgoing.destroy();
      else
        sendStatus(
          outgoing,
          502,
          'ServiceUnavailable',
          `the API server did not answer: ${(error as Error).message}`,
        );
    }
  }

  /** exec, attach, port-forward, cp: an upgrade is joined end to end. */
  async upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (refusalOf(incoming) !== undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    if (!this.knows(incoming)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const path = incoming.url ?? '/';
    const caller = callerOf(incoming);
    const parsed = parseKubeRequest(incoming.method ?? 'GET', path);
    const actionId = this.options.actions.begin(caller);
    const answered = (status: number) => {
      if (parsed) this.options.actions.answered(actionId, caller, { ...parsed, status });
    };
    socket.on('error', () => socket.destroy());
    const request = await this.options.upstream.request(incoming.method ?? 'GET', path, {
      ...forwardedHeaders(incoming),
      connection: 'Upgrade',
      upgrade: incoming.headers.upgrade,
    });
    request.on('upgrade', (response, upstream, upstreamHead) => {
      answered(101);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${rawHeaders(response)}\r\n\r\n`);
      if (upstreamHead.length > 0) socket.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      upstream.on('error', () => socket.destroy());
      upstream.on('close', () => socket.destroy());
      socket.on('close', () => upstream.destroy());
      upstream.pipe(socket).pipe(upstream);
    });
    request.on('response', (response) => {
      answered(response.statusCode ?? 502);
      socket.write(
        `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n${rawHeaders(response)}\r\n\r\n`,
      );
      response.pipe(socket);
    });
    request.on('error', () => socket.destroy());
    request.end();
  }

  private async forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const refusal = refusalOf(incoming);
    if (refusal !== undefined) return sendStatus(outgoing, 403, 'Forbidden', refusal);
    if (!this.knows(incoming)) return sendStatus(outgoing, 401, 'Unauthorized', 'Unauthorized');
    const { upstream, actions } = this.options;
    const method = incoming.method ?? 'GET';
    const path = incoming.url ?? '/';
    const parsed = parseKubeRequest(method, path);
    const caller = callerOf(incoming);
    const body = parsed && isWrite(parsed) ? await readAll(incoming) : undefined;
    if (parsed && body && asksForDryRun(parsed, body)) parsed.dryRun = true;
    const isWriting = parsed !== undefined && isWrite(parsed);
    const actionId = parsed ? actions.begin(caller, isWriting) : '';
    let write: KeptWrite | undefined;
    if (isWriting && body) {
      try {
        write = await this.writes.keep({ parsed, path, actionId, caller, body });
      } catch (error) {
        sendStatus(
          outgoing,
          503,
          'ServiceUnavailable',
          `change blocked: the object could not be saved for undo: ${(error as Error).message}`,
        );
        return;
      }
    }
    const hide = parsed?.resource === 'namespaces' && !isStream(path, parsed);
    const send = async (): Promise<IncomingMessage> => {
      const request = await upstream.request(
        method,
        path,
        forwardedHeaders(incoming, hide || isWriting, body),
      );
      return await new Promise<IncomingMessage>((resolve, reject) => {
        request.on('response', resolve).on('error', reject);
        outgoing.on('close', () => {
          if (!outgoing.writableFinished) request.destroy();
        });
        if (body || method === 'GET') request.end(body);
        else pipeline(incoming, request).catch(reject);
      });
    };
    try {
      await this.answer({ parsed, path, actionId, caller, write, hide, send, outgoing, method });
    } catch (error) {
      // Nobody knows whether the API server took it.
      if (write && !write.isSettled) await this.writes.settle(write, 0, undefined);
      throw error;
    }
  }

  private async answer({
    parsed,
    path,
    actionId,
    caller,
    write,
    hide,
    send,
    outgoing,
    method,
  }: Forwarded): Promise<void> {
    const { actions } = this.options;
    let response = await send();
    if (response.statusCode === 401 && method === 'GET') {
      // kubectl takes our token for its own and would not ask the team's plug-in for another one.
      response.resume();
      response = await send();
    }
    const status = response.statusCode ?? 502;
    if (parsed && isStream(path, parsed)) actions.answered(actionId, caller, { ...parsed, status });
    const headers = answerHeaders(response);
    if (hide || write) {
      const body = await readBody(response);
      if (write) await this.writes.settle(write, status, body);
      else if (parsed) actions.answered(actionId, caller, { ...parsed, status });
      const text =
        hide && String(headers['content-type']).includes('json')
          ? Buffer.from(hideMachinery(body.toString('utf8')))
          : body;
      outgoing.writeHead(status, { ...headers, 'content-length': text.length });
      outgoing.end(text);
      return;
    }
    outgoing.writeHead(status, headers);
    // A watch without events yet must still show its headers.
    outgoing.flushHeaders();
    await pipeline(response, outgoing).catch(() => outgoing.destroy());
    if (parsed && !isStream(path, parsed)) actions.answered(actionId, caller, { ...parsed, status });
  }

  private knows(incoming: IncomingMessage): boolean {
    return incoming.headers.authorization === `Bearer ${this.options.token}`;
  }
}

function callerOf(incoming: IncomingMessage): Caller {
  const {
    'kubectl-session': session,
    'kubectl-command': command,
    'user-agent': userAgent,
  } = incoming.headers;
  return { session: first(session), command: first(command), userAgent: userAgent ?? 'unknown' };
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The caller's headers without their identity: the proxy speaks with the responder's own credentials. */
function forwardedHeaders(incoming: IncomingMessage, plain = false, body?: Buffer): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (['authorization', 'host', 'connection', 'upgrade', 'keep-alive', 'transfer-encoding'].includes(name))
      continue;
    if (name.startsWith('impersonate-')) continue;
    if (plain && name === 'accept-encoding') continue;
    headers[name] = value;
  }
  if (body) headers['content-length'] = body.length;
  else if (incoming.headers['transfer-encoding'])
    headers['transfer-encoding'] = incoming.headers['transfer-encoding'];
  return headers;
}

function answerHeaders(response: IncomingMessage): OutgoingHttpHeaders {
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers } = response.headers;
  return headers;
}

function rawHeaders(response: IncomingMessage): string {
  const lines: string[] = [];
  for (let index = 0; index < response.rawHeaders.length; index += 2)
    lines.push(`${response.rawHeaders[index]}: ${response.rawHeaders[index + 1]}`);
  return lines.join('\r\n');
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const body = await readAll(response);
  if (response.headers['content-encoding'] !== 'gzip') return body;
  delete response.headers['content-encoding'];
  return gunzipSync(body);
}

function sendStatus(outgoing: ServerResponse, code: number, reason: string, message: string): void {
  const body = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  });
  outgoing.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}
