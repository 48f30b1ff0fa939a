/** Everything that is no resource: discovery, version, health, OpenAPI. */

import { groupsOf } from '../kinds/versions.ts';
import { openApiDocument, openApiIndex } from '../openapi/documents.ts';
import { methodNotAllowed, noSuchResource } from '../status.ts';
import type { ServerContext } from './context.ts';
import { aggregated, apiVersions, groupDocument, groupList, resourceList } from './discovery.ts';
import { answerHealth } from './health.ts';
import { type Accepted, negotiate } from './negotiate.ts';
import { type Exchange, send, sendJson, sendPlain404 } from './respond.ts';
import type { RequestInfo } from './route.ts';

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export function handleMeta(context: ServerContext, exchange: Exchange, info: RequestInfo): void {
  const { path } = info;
  if (answerHealth(exchange, path)) return;
  const parts = path.split('/').filter(Boolean);
  const document = metaDocument(context, exchange, path, parts);
  if (document === undefined) {
    if (isKnownGroup(context, parts)) throw noSuchResource();
    return sendPlain404(exchange);
  }
  if (!['GET', 'HEAD'].includes(exchange.request.method ?? 'GET')) throw methodNotAllowed();
  if (document !== sent) sendJson(exchange, 200, document);
}

const sent = Symbol('the answer is on its way');

function metaDocument(context: ServerContext, exchange: Exchange, path: string, parts: string[]): unknown {
  if (path === '/') return { paths: rootPaths(context) };
  if (path === '/version' || path === '/version/') return version;
  if (parts[0] === 'openapi') return openApi(context, exchange, parts);
  if (parts[0] === 'api' || parts[0] === 'apis') return discovery(context, exchange, parts);
  return undefined;
}

/**
 * OpenAPI v2 without definitions, as protobuf: swagger "2.0", info, no paths. Clients fall back to it for kinds
 * that v3 does not describe, and go on when it does not know them either.
 */
const emptyV2 = '\n\u00032.0\u0012\u0015\n\nKubernetes\u0012\u0007v1.36.2B\u0000';

function openApi({ api }: ServerContext, exchange: Exchange, parts: string[]): unknown {
  if (parts[1] === 'v2' && parts.length === 2) {
    send(exchange, 200, emptyV2, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    return sent;
  }
  if (parts[1] !== 'v3') return undefined;
  if (parts.length === 2) {
    send(exchange, 200, JSON.stringify(openApiIndex(api.kinds())), 'text/plain; charset=utf-8');
    return sent;
  }
  const text = openApiDocument(api.kinds(), parts.slice(2).join('/'));
  if (text === undefined) return undefined;
  exchange.format = negotiate(exchange.request.headers.accept).format;
  exchange.response.setHeader('Etag', `"${exchange.url.searchParams.get('hash') ?? ''}"`);
  send(exchange, 200, text, 'application/json');
  return sent;
}

function discovery(context: ServerContext, exchange: Exchange, parts: string[]): unknown {
  const accept = exchange.request.headers.accept;
  const all = context.api.kinds().groupVersions;
  if (parts.length === 1) {
    const { as, format } = negotiate(accept, isAggregated);
    exchange.format = format;
    const core = parts[0] === 'api';
    if (!as) return core ? apiVersions(context.address()) : groupList(all);
    sendJson(exchange, 200, aggregated(all, core), aggregatedType);
    return sent;
  }
  exchange.format = negotiate(accept).format;
  if (parts[0] === 'api') return parts.length === 2 ? resourceList(all, '', parts[1]!) : undefined;
  if (parts.length === 2) {
    const group = groupDocument(all, parts[1]!);
    return group && { kind: 'APIGroup', apiVersion: 'v1', ...group };
  }
  return parts.length === 3 ? resourceList(all, parts[1]!, parts[2]!) : undefined;
}

function isAggregated({ as, group, version }: Accepted): boolean {
  return as === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io' && version === 'v2';
}

/** A version that a known group lacks is a Status, anything else unknown a plain 404. */
function isKnownGroup({ api }: ServerContext, parts: string[]): boolean {
  if (parts[0] === 'api') return true;
  return parts[0] === 'apis' && parts.length > 2 && groupsOf(api.kinds().groupVersions).includes(parts[1]!);
}

function rootPaths({ api }: ServerContext): string[] {
  const all = api.kinds().groupVersions;
  const versions = all.filter(({ group }) => group).map(({ group, version: v }) => `/apis/${group}/${v}`);
  return [
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    ...groupsOf(all).map((group) => `/apis/${group}`),
    ...versions,
    '/healthz',
    '/livez',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/version',
  ].sort();
}

/** What a server of this version says of itself: clients compare major and minor with their own. */
const version = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-06-10T00:00:00Z',
  goVersion: 'go1.26.0',
  compiler: 'gc',
  platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};
