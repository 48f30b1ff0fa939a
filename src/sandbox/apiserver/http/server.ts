/** The HTTPS server: who asks, what for, may they; then the handler, then the answer. */

import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { refusalOf } from '../../../own-host.ts';
import type { Kubelet, Network, SandboxClock } from '../../api.ts';
import { ApiError } from '../../api.ts';
import type { LocalApi } from '../api.ts';
import { authenticate, impersonated, type User } from '../auth/authenticate.ts';
import { allowedBy } from '../auth/authorize.ts';
import { createTokens, defaultAudience } from '../auth/tokens.ts';
import type { Certificates } from '../certificates.ts';
import type { Call, ServerContext } from './context.ts';
import { denied } from './denied.ts';
import { handleMeta } from './meta.ts';
import { negotiate, resourceTransforms } from './negotiate.ts';
import { handleResource } from './resources.ts';
import { type Exchange, sendError } from './respond.ts';
import { type RequestInfo, requestInfo, requestUrl } from './route.ts';
import { handleUpgrade } from './upgrade.ts';

export interface ApiServerOptions {
  api: LocalApi;
  clock: SandboxClock;
  certificates: Certificates;
  /** Bearer token → user. */
  tokens: ReadonlyMap<string, User>;
  kubelet?(): Kubelet | undefined;
  network?(): Pick<Network, 'connect'> | undefined;
  /** Port 0 picks a free one. */
  port?: number;
  /** Told of every error that is a fault of ours. */
  report?(error: unknown): void;
}

export interface ApiServer {
  /** https://127.0.0.1:PORT */
  url: string;
  caPem: string;
  /** A token for a ServiceAccount that is there, as mounted into its pods: valid for a year; else empty. */
  tokenFor(namespace: string, serviceAccount: string): string;
  close(): Promise<void>;
}

/** A year: what the server makes of the hour that the kubelet asks for (--service-account-extend-token-expiration). */
const MOUNTED_TOKEN_SECONDS = 365 * 86_400;

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { api, clock, certificates } = options;
  const closing = new AbortController();
  // Every open watch listens to it.
  setMaxListeners(0, closing.signal);
  const server = createServer({
    key: certificates.keyPem,
    cert: certificates.certPem,
    keepAliveTimeout: 60_000,
  });
  const context: ServerContext = {
    api,
    clock,
    tokens: createTokens(api, options.tokens, () => clock.now()),
    kubelet: options.kubelet ?? (() => undefined),
    network: options.network ?? (() => undefined),
    closing: closing.signal,
    address: () => addressOf(server),
    report: options.report ?? (() => {}),
  };
  server.on('request', (request, response) => void handle(context, request, response));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    handleUpgrade(context, request, socket, head, () => {
      checkHost(request);
      const info = requestInfo(request.method ?? 'GET', requestUrl(request.url));
      authorize(context, identify(context, request), info);
      return info;
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `https://${addressOf(server)}`,
    caPem: certificates.caPem,
    tokenFor: (namespace, serviceAccount) => {
      const account = api.get('serviceaccounts', namespace, serviceAccount);
      return account ? context.tokens.issue(account, MOUNTED_TOKEN_SECONDS, [defaultAudience]).token : '';
    },
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `${address}:${port}`;
}

/** Until the target of a request is read. */
const nowhere = new URL('https://server/');

async function handle(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange: Exchange = { request, response, url: nowhere, format: 'json', warnings: [] };
  try {
    checkHost(request);
    exchange.url = requestUrl(request.url);
    const info = requestInfo(request.method ?? 'GET', exchange.url);
    const user = identify(context, request);
    authorize(context, user, info);
    if (!info.isResource) return handleMeta(context, exchange, info);
    const accepted = negotiate(request.headers.accept, resourceTransforms);
    exchange.format = accepted.format;
    const call: Call = { ...exchange, context, info, user, accepted };
    await handleResource(call);
  } catch (error) {
    sendError(exchange, error, context.report);
  }
}

/** As pods call it: by the address and the names of the Service kubernetes, at its port. */
const clusterHosts = [
  '10.96.0.1',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
].flatMap((name) => [name, `${name}:443`]);

function checkHost(request: IncomingMessage): void {
  const refusal = refusalOf(request, clusterHosts);
  if (refusal !== undefined) throw new ApiError(403, 'Forbidden', refusal);
}

function identify(context: ServerContext, request: IncomingMessage): User {
  const caller = authenticate(request.headers, context.tokens);
  const other = impersonated(request.headers);
  if (!other) return caller;
  if (
    allowedBy(context.api, caller, { verb: 'impersonate', resource: 'users', name: other.name }) !== undefined
  ) {
    return other;
  }
  throw new ApiError(
    403,
    'Forbidden',
    `users ${JSON.stringify(other.name)} is forbidden: User ${JSON.stringify(caller.name)} cannot impersonate resource "users" in API group "" at the cluster scope`,
    { name: other.name, kind: 'users' },
  );
}

function authorize(context: ServerContext, user: User, info: RequestInfo): void {
  const act = info.isResource
    ? {
        verb: info.verb,
        group: info.group,
        resource: info.resource,
        subresource: info.subresource,
        namespace: info.namespace,
        name: info.name,
      }
    : { verb: info.verb, path: info.path };
  if (allowedBy(context.api, user, act) === undefined) throw denied(user, info);
}
