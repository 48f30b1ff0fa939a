/** Requests that become streams: exec, attach, port-forward. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { KubeObject } from '../../api.ts';
import { ApiError } from '../../api.ts';
import { definitionOf } from '../kinds/kinds.ts';
import { BrokenFrame } from '../spdy/frames.ts';
import { badRequest, methodNotAllowed, noSuchResource, statusBody } from '../status.ts';
import type { ServerContext } from './context.ts';
import { execProtocols, runSession } from './exec-session.ts';
import { forwardPorts, portForwardProtocol, tunnelProtocol } from './port-forward.ts';
import { type RequestInfo, requestUrl } from './route.ts';
import { containerOf } from './subresources/container.ts';

const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) => execProtocols.find((protocol) => offered.has(protocol)) ?? false,
});

/** The name of the tunnel's protocol has a slash, which no WebSocket library lets pass: it is agreed on by hand. */
const tunnels = new WebSocketServer({ noServer: true, perMessageDeflate: false });
tunnels.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${tunnelProtocol}`));

interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

/** `check` throws ApiError for a caller who may not. */
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
    prepare(context, request, info, requestUrl(request.url))({ request, socket, head });
  } catch (error) {
    refuse(socket, error, context);
  }
}

function prepare(
  context: ServerContext,
  request: IncomingMessage,
  info: RequestInfo,
  url: URL,
): (upgrade: Upgrade) => void {
  const { subresource, namespace, name = '' } = info;
  if (
    info.resource !== 'pods' ||
    info.group ||
    !['exec', 'attach', 'portforward'].includes(subresource ?? '')
  ) {
    throw noSuchResource();
  }
  if (!['GET', 'POST'].includes(request.method ?? '')) throw methodNotAllowed();
  const pod = context.api.operations.get(definitionOf('pods')!, namespace, name);
  if (subresource === 'portforward') return preparePortForward(context, request, pod);
  const container = containerOf(pod, url.searchParams.get('container'));
  // First, as kubectl tries again with SPDY what was refused: it must be told the same.
  checkRunning(pod, container);
  if (!execProtocols.some((protocol) => offers(request, protocol))) {
    throw badRequest(`unable to upgrade: only websocket with ${execProtocols.join(' or ')}`);
  }
  return (upgrade) =>
    sockets.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (opened) =>
      settle(runSession(context, opened, pod, container, subresource!, url.searchParams), context),
    );
}

function preparePortForward(
  context: ServerContext,
  request: IncomingMessage,
  pod: KubeObject,
): (upgrade: Upgrade) => void {
  if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  if (offers(request, tunnelProtocol)) {
    return (upgrade) => {
      delete request.headers['sec-websocket-protocol'];
      tunnels.handleUpgrade(request, upgrade.socket, upgrade.head, (opened) =>
        settle(forwardPorts(context, createWebSocketStream(opened), pod), context),
      );
    };
  }
  const isSpdy = String(request.headers.upgrade ?? '').toLowerCase() === 'spdy/3.1';
  const wanted = String(request.headers['x-stream-protocol-version'] ?? '').split(/,\s*/);
  if (!isSpdy || !wanted.includes(portForwardProtocol)) {
    throw badRequest(
      `unable to upgrade: only websocket with ${tunnelProtocol}, or SPDY/3.1 with ${portForwardProtocol}`,
    );
  }
  return ({ socket, head }) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${portForwardProtocol}\r\n\r\n`,
    );
    if (head.length > 0) socket.unshift(head);
    settle(forwardPorts(context, socket, pod), context);
  };
}

function offers(request: IncomingMessage, protocol: string): boolean {
  const isWebSocket = String(request.headers.upgrade ?? '').toLowerCase() === 'websocket';
  const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(/,\s*/);
  return isWebSocket && offered.includes(protocol);
}

const goneCodes = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'];

/** A client that goes in the middle of something, or talks nonsense, is no fault of ours. */
function settle(session: Promise<void>, context: ServerContext): void {
  session.catch((error: NodeJS.ErrnoException) => {
    if (!(error instanceof BrokenFrame) && !goneCodes.includes(error.code ?? '')) context.report(error);
  });
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
