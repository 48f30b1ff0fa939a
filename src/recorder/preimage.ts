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
  const before = await upstream.getJson(objectPath(request, path));
  return [describe(request, before)];
}

/** What a write left behind: the second record of its pre-image; for a create, whose undo is a deletion, the only one. */
export function afterImage(
  request: ParsedRequest,
  answer: Record<string, unknown>,
): Omit<Preimage, 'sequence' | 'actionId' | 'at' | 'who'> {
  const { before, ...image } = describe(request, answer);
  return { ...image, after: before };
}

/** Path of the object that a request is about: a subresource (scale, status, eviction) changes its object. */
export function objectPath(request: ParsedRequest, path: string): string {
  const { pathname } = new URL(path, 'http://server');
  if (!request.subresource) return pathname;
  return pathname.slice(0, pathname.lastIndexOf(`/${request.subresource}`));
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
