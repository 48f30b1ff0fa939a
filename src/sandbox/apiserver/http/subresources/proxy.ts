/** services/proxy and pods/proxy: a request goes on to a pod, and its answer comes back as it is. */
import { type IncomingMessage, type OutgoingHttpHeaders, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import type { ProxyTarget, ResourceDefinition } from '../../kinds/definition.ts';
import { badRequest, unavailable } from '../../status.ts';
import type { Call } from '../context.ts';

/** Throws ApiError 400, 404 and 503: those are the API server's own, not the service's. */
export async function passOn(call: Call, definition: ResourceDefinition): Promise<void> {
  const { namespace, name: asked = '' } = call.info;
  const { scheme, name, port } = splitName(asked, definition.singular);
  const object = call.context.api.operations.get(definition, namespace, name);
  const target = definition.proxyTarget!(object, port, call.context.api.operations.context);
  const network = call.context.network();
  if (!network) throw unavailable('the pod network is not up yet: try again');
  let socket: Duplex;
  try {
    socket = await network.connect(target.ip, target.port);
  } catch (error) {
    throw unreached(error);
  }
  // The client may go at any time, and may have gone meanwhile.
  if (call.response.destroyed) return void socket.destroy();
  call.response.on('close', () => socket.destroy());
  const answer = await send(call, target, scheme === 'https', socket);
  call.response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  await pipeline(answer, call.response).catch(() => call.response.destroy());
}

/** `[scheme:]name[:port]` (apimachinery/pkg/util/net: SplitSchemeNamePort). */
function splitName(text: string, kind: string): { scheme: string; name: string; port: string } {
  const parts = text.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || !name || !['', 'http', 'https'].includes(scheme)) {
    throw badRequest(`invalid ${kind} request ${JSON.stringify(text)}`);
  }
  return { scheme, name, port };
}

function send(
  call: Call,
  { ip, port }: ProxyTarget,
  secure: boolean,
  socket: Duplex,
): Promise<IncomingMessage> {
  const { request, url } = call;
  const rest = /^(?:\/[^/]+){6}\/proxy(\/.*)?$/.exec(url.pathname)?.[1] ?? '/';
  const { authorization: _, host: __, ...headers } = endToEnd(request.headers);
  return new Promise((resolve, reject) => {
    const asked = (secure ? overHttps : overHttp)({
      method: request.method,
      path: `${rest}${url.search}`,
      headers: { ...headers, host: `${ip}:${port}`, connection: 'close' },
      // Its certificate is not checked, as a probe does not.
      createConnection: () => (secure ? connectTls({ socket, rejectUnauthorized: false }) : socket) as never,
    });
    asked.on('response', resolve);
    asked.on('error', (error) => reject(unreached(error)));
    pipeline(request, asked).catch((error: unknown) => reject(unreached(error)));
  });
}

/** Headers that are about one connection stay behind. */
function endToEnd(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  const hop = [
    'connection',
    'keep-alive',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.includes(name)));
}

const unreached = (error: unknown) =>
  unavailable(`error trying to reach service: ${error instanceof Error ? error.message : String(error)}`);
