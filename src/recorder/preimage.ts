import type { Preimage } from './action.ts';
import type { ParsedRequest } from './kube-request.ts';
import type { Upstream } from './upstream.ts';

/**
 * What a write is about to change, read with the responder's own credentials before it is forwarded.
 * A create has none to read, but is kept too: its undo is a deletion. A deletecollection gives one for each.
 */
export async function readPreimages(
  request: ParsedRequest,
  path: string,
  upstream: Upstream,
): Promise<Omit<Preimage, 'sequence' | 'actionId' | 'at' | 'who'>[]> {
  const { pathname, search } = new URL(path, 'http://server');
  if (request.verb === 'deletecollection') {
    const list = await upstream.getJson(pathname + search);
    const items = (list?.items ?? []) as Record<string, unknown>[];
    const kind = String(list?.kind ?? '').replace(/List$/, '');
    return items.map((item) => describe(request, { apiVersion: list?.apiVersion, kind, ...item }));
  }
  if (!request.name) return [];
  // A subresource (scale, status, eviction) changes the object that it belongs to.
  const objectPath = request.subresource
    ? pathname.slice(0, pathname.lastIndexOf(`/${request.subresource}`))
    : pathname;
  const before = await upstream.getJson(objectPath);
  return [describe(request, before)];
}

/** For a create: what came into being, as the API server answered. */
export function createdImage(
  request: ParsedRequest,
  created: Record<string, unknown>,
): Omit<Preimage, 'sequence' | 'actionId' | 'at' | 'who'> {
  const { before: _, ...image } = describe(request, created);
  return image;
}

function describe(
  request: ParsedRequest,
  object: Record<string, unknown> | undefined,
): Omit<Preimage, 'sequence' | 'actionId' | 'at' | 'who'> {
  const metadata = (object?.metadata ?? {}) as Record<string, unknown>;
  const { managedFields: _, ...kept } = metadata;
  const image: Omit<Preimage, 'sequence' | 'actionId' | 'at' | 'who'> = {
    apiVersion: String(
      object?.apiVersion ?? (request.group ? `${request.group}/${request.version}` : request.version),
    ),
    kind: String(object?.kind ?? ''),
    resource: request.resource,
    name: String(metadata.name ?? request.name),
    verb: request.subresource === 'eviction' ? 'delete' : request.verb,
  };
  const namespace = (metadata.namespace as string | undefined) ?? request.namespace;
  if (namespace) image.namespace = namespace;
  if (metadata.uid) image.uid = String(metadata.uid);
  if (object) image.before = { ...object, metadata: kept };
  return image;
}
