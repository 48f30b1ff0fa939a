/** What a request asks for, from its path and method (apiserver/pkg/endpoints/request/requestinfo.go). */
import { badRequest } from '../status.ts';

export interface RequestInfo {
  isResource: boolean;
  path: string;
  verb: string;
  group: string;
  version: string;
  namespace?: string;
  resource: string;
  name?: string;
  subresource?: string;
  /** More path segments than a resource has: what follows is not known here. */
  rest: string[];
}

/** The target of a request, which may also be a whole URL. Throws ApiError 400. */
export function requestUrl(target = '/'): URL {
  // Not relative to a base: `//x` would be another host then.
  const text = target.startsWith('/') ? `https://server${target}` : target;
  if (URL.canParse(text)) return new URL(text);
  throw badRequest(`expected a path that begins with a slash, got ${JSON.stringify(target)}`);
}

const verbs: Record<string, string> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const namespaceSubresources = new Set(['finalize', 'status']);

export function requestInfo(method: string, url: URL): RequestInfo {
  const path = url.pathname;
  const parts = path.split('/').filter(Boolean).map(decode);
  const info: RequestInfo = {
    isResource: false,
    path,
    verb: method.toLowerCase(),
    group: '',
    version: '',
    resource: '',
    rest: [],
  };
  const isCore = parts[0] === 'api' && parts.length >= 3;
  const isGroup = parts[0] === 'apis' && parts.length >= 4;
  if (!isCore && !isGroup) return info;
  info.isResource = true;
  info.group = isGroup ? parts[1]! : '';
  info.version = parts[isGroup ? 2 : 1]!;
  info.verb = verbs[method] ?? method.toLowerCase();
  let rest = parts.slice(isGroup ? 3 : 2);
  if (rest[0] === 'namespaces' && rest.length > 1) {
    info.namespace = rest[1];
    if (rest.length > 2 && !namespaceSubresources.has(rest[2]!)) rest = rest.slice(2);
  }
  info.resource = rest[0]!;
  info.name = rest[1];
  info.subresource = rest[2];
  info.rest = rest.slice(3);
  if (info.resource === 'namespaces' && info.group === '') info.namespace = info.name;
  if (info.name === undefined && info.verb === 'get') {
    info.verb = isWatch(url) ? 'watch' : 'list';
  } else if (info.name === undefined && info.verb === 'delete') {
    info.verb = 'deletecollection';
  }
  return info;
}

/** A list of one name, as `?watch=true&fieldSelector=…`, is a watch too. */
export function isWatch(url: URL): boolean {
  const value = url.searchParams.get('watch');
  return value !== null && ['', '1', 't', 'true', 'True', 'TRUE', 'T'].includes(value);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
