import { requestUrl } from '../../request-url.ts';
import type { KubeRequest } from '../action.ts';

export type ParsedRequest = Omit<KubeRequest, 'status'>;

/**
 * What a request to an API server asks for, or undefined for machinery (discovery, OpenAPI, version, health).
 * Paths as in the Kubernetes API concepts page, "Resource URIs": /api/v1/… and /apis/GROUP/VERSION/….
 */
export function parseKubeRequest(method: string, url: string): ParsedRequest | undefined {
  const { pathname, searchParams } = requestUrl(url);
  const parts = pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const head =
    parts[0] === 'api'
      ? { group: '', version: parts[1], rest: parts.slice(2) }
      : parts[0] === 'apis'
        ? { group: parts[1], version: parts[2], rest: parts.slice(3) }
        : undefined;
  if (!head?.version || head.group === undefined || head.rest.length === 0) return undefined;
  let { rest } = head;
  let namespace: string | undefined;
  // /namespaces/NS is the Namespace itself, /namespaces/NS/status its subresource, anything else lives in it.
  if (rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '')) {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const [resource, name, subresource] = rest;
  if (!resource) return undefined;
  const request: ParsedRequest = {
    verb: verbOf(method, name, searchParams),
    group: head.group,
    version: head.version,
    resource,
  };
  if (subresource) request.subresource = subresource;
  if (namespace) request.namespace = namespace;
  if (name) request.name = name;
  if (['connect'].includes(request.verb) || connecting.has(subresource ?? ''))
    request.verb = subresource === 'log' ? 'get' : 'connect';
  if (!name && !namespace && namespacedLists.has(resource) && request.verb !== 'create')
    request.allNamespaces = true;
  const label = searchParams.get('labelSelector');
  const field = searchParams.get('fieldSelector');
  if (label) request.labelSelector = label;
  if (field) request.fieldSelector = field;
  if (searchParams.getAll('dryRun').includes('All')) request.dryRun = true;
  const manager = searchParams.get('fieldManager');
  if (manager) request.fieldManager = manager;
  if (subresource === 'exec') request.command = searchParams.getAll('command');
  return request;
}

/** Whether a request may change an object: not a dry run, not a review, not a stream. */
export function isWrite(request: ParsedRequest): boolean {
  if (request.dryRun || reviews.has(request.resource)) return false;
  return (
    ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(request.verb) &&
    request.subresource !== 'token'
  );
}

/** Whether a write was carried out and changed something: not refused, not in doubt, and not of what was there already. */
export function hasChanged({
  status,
  outcome,
  paths,
}: Pick<KubeRequest, 'status' | 'outcome' | 'paths'>): boolean {
  if (paths?.length === 0) return false;
  return outcome === undefined ? status < 300 : outcome === 'changed';
}

/** Whether it unpacks files in a container, as `kubectl cp` into a pod does. What is unpacked is not kept, and not undone. */
export function isCopyInto({ subresource, command = [] }: ParsedRequest): boolean {
  const [program = '', ...options] = command;
  if (subresource !== 'exec' || !/(^|\/)tar$/.test(program)) return false;
  return options.some((option, index) => {
    // The letters of the mode may come first without a dash.
    return (
      (index === 0 ? /^-?[A-Za-z]*x[A-Za-z]*$/ : /^-[A-Za-z]*x[A-Za-z]*$/).test(option) ||
      longModes.has(option)
    );
  });
}

/** Whether what it answers may run on for long: a watch, a followed log, an open stream. */
export function isStream(url: string, request: ParsedRequest): boolean {
  const { searchParams } = requestUrl(url);
  return request.verb === 'watch' || request.verb === 'connect' || searchParams.get('follow') === 'true';
}

const longModes = new Set(['--extract', '--get']);
const connecting = new Set(['exec', 'attach', 'portforward', 'proxy', 'log']);
const reviews = new Set([
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
  'subjectaccessreviews',
  'localsubjectaccessreviews',
  'selfsubjectreviews',
  'tokenreviews',
]);
/** Resources without a namespace; a list of anything else without one is a list over all. */
const clusterScoped = new Set([
  'nodes',
  'namespaces',
  'persistentvolumes',
  'componentstatuses',
  'clusterroles',
  'clusterrolebindings',
  'storageclasses',
  'customresourcedefinitions',
  'apiservices',
  'priorityclasses',
  'ingressclasses',
]);
const namespacedLists = {
  has: (resource: string): boolean => !clusterScoped.has(resource) && !reviews.has(resource),
};

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (['true', '1'].includes(query.get('watch') ?? '')) return 'watch';
      return name ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name ? 'delete' : 'deletecollection';
    default:
      return method.toLowerCase();
  }
}
