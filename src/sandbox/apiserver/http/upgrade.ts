/** exec and attach over WebSocket: v5.channel.k8s.io and v4.channel.k8s.io, one leading byte a channel. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ExecResult, ExecStreams, KubeObject } from '../../api.ts';
import { ApiError } from '../../api.ts';
import { definitionOf } from '../registry/index.ts';
import { badRequest, methodNotAllowed, noSuchResource, statusBody } from '../status.ts';
import type { ServerContext } from './context.ts';
import type { RequestInfo } from './route.ts';
import { containerOf } from './subresources/container.ts';

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
});

/** `check` throws ApiError for a caller who may not. SPDY is refused: clients fall back or say so. */
export function handleUpgrade(
  context: ServerContext,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  check: () => RequestInfo,
): void {
  socket.on('error', () => socket.destroy());
  try {
    const info = check();
    const url = new URL(request.url ?? '/', 'https://server');
    const session = prepare(context, request, info, url);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      session(webSocket).catch(context.report);
    });
  } catch (error) {
    refuse(socket, error, context);
  }
}

function prepare(
  context: ServerContext,
  request: IncomingMessage,
  info: RequestInfo,
  url: URL,
): (webSocket: WebSocket) => Promise<void> {
  const { subresource, namespace, name = '' } = info;
  if (info.resource !== 'pods' || info.group || (subresource !== 'exec' && subresource !== 'attach')) {
    throw noSuchResource();
  }
  if (!['GET', 'POST'].includes(request.method ?? '')) throw methodNotAllowed();
  const pod = context.api.operations.get(definitionOf('pods')!, namespace, name);
  const container = containerOf(pod, url.searchParams.get('container'));
  // First, as kubectl tries again with SPDY what was refused: it must be told the same.
  checkRunning(pod, container);
  const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(/,\s*/);
  const isWebSocket = String(request.headers.upgrade ?? '').toLowerCase() === 'websocket';
  if (!isWebSocket || !offered.some((protocol) => protocols.includes(protocol))) {
    throw badRequest('unable to upgrade: only websocket with v5.channel.k8s.io or v4.channel.k8s.io');
  }
  return (webSocket) => runSession(context, webSocket, pod, container, subresource, url.searchParams);
}

function checkRunning(pod: KubeObject, container: string): void {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  const all: { name: string; state?: { running?: object } }[] = [
    ...containerStatuses,
    ...initContainerStatuses,
    ...ephemeralContainerStatuses,
  ];
  if (all.some((status) => status.name === container && status.state?.running)) return;
  throw new ApiError(
    500,
    'InternalError',
    `Internal error occurred: unable to upgrade connection: container not found (${JSON.stringify(container)})`,
  );
}

async function runSession(
  context: ServerContext,
  webSocket: WebSocket,
  pod: KubeObject,
  container: string,
  subresource: string,
  query: URLSearchParams,
): Promise<void> {
  const ended = new AbortController();
  webSocket.on('close', () => ended.abort());
  webSocket.on('error', () => ended.abort());
  const signal = AbortSignal.any([ended.signal, context.closing]);
  const flag = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  const io = streams(webSocket, { stdin: flag('stdin'), tty: flag('tty') });
  const kubelet = context.kubelet();
  let result: ExecResult = { exitCode: 1, error: 'the kubelet is not up yet: try again' };
  try {
    if (kubelet) {
      result =
        subresource === 'attach'
          ? await kubelet.attach(pod, container, io, signal)
          : await kubelet.exec(pod, container, query.getAll('command'), io, signal);
    }
  } catch (error) {
    result = { exitCode: 1, error: (error as Error).message };
  }
  send(webSocket, channels.error, Buffer.from(JSON.stringify(outcome(result))));
  webSocket.close(1000);
}

function send(webSocket: WebSocket, channel: number, data: Uint8Array): void {
  if (webSocket.readyState !== webSocket.OPEN) return;
  webSocket.send(Buffer.concat([Buffer.from([channel]), data]));
}

function streams(webSocket: WebSocket, wanted: { stdin: boolean; tty: boolean }): ExecStreams {
  const input = inputQueue();
  const resized = new Set<(size: { cols: number; rows: number }) => void>();
  webSocket.on('message', (message: Buffer) => {
    const channel = message[0];
    const data = message.subarray(1);
    if (channel === channels.stdin) input.push(data);
    else if (channel === channels.close && data[0] === channels.stdin) input.end();
    else if (channel === channels.resize) {
      const { Width: cols, Height: rows } = JSON.parse(data.toString('utf8')) as {
        Width: number;
        Height: number;
      };
      for (const listener of resized) listener({ cols, rows });
    }
  });
  webSocket.on('close', () => input.end());
  return {
    stdin: wanted.stdin ? input.chunks() : undefined,
    stdout: (chunk) => send(webSocket, channels.stdout, chunk),
    stderr: (chunk) => send(webSocket, wanted.tty ? channels.stdout : channels.stderr, chunk),
    tty: wanted.tty,
    onResize: (listener) => resized.add(listener),
  };
}

function inputQueue() {
  const waiting: Uint8Array[] = [];
  let ended = false;
  let wake = () => {};
  return {
    push(chunk: Uint8Array) {
      waiting.push(chunk);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *chunks(): AsyncIterable<Uint8Array> {
      for (;;) {
        for (let next = waiting.shift(); next; next = waiting.shift()) yield next;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** The Status on the error channel: kubectl takes its exit code from it. */
function outcome({ exitCode, error }: ExecResult): unknown {
  const status = { metadata: {}, status: 'Success' };
  if (error !== undefined) {
    const message = `Internal error occurred: ${error}`;
    return {
      ...status,
      status: 'Failure',
      message,
      reason: 'InternalError',
      details: { causes: [{ message: error }] },
      code: 500,
    };
  }
  if (exitCode === 0) return status;
  return {
    ...status,
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function refuse(socket: Duplex, error: unknown, context: ServerContext): void {
  if (!(error instanceof ApiError)) context.report(error);
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
  const body = `${JSON.stringify(statusBody(known))}\n`;
  socket.end(
    `HTTP/1.1 ${known.code} ${known.reason || 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
