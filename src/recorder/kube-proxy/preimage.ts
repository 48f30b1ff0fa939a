import { requestUrl } from '../../request-url.ts';
import type { Preimage } from '../action.ts';
import type { Upstream } from '../upstream.ts';
import { readCreatedObject } from './created-object.ts';
import type { ParsedRequest } from './request.ts';

/** A pre-image before the recorder has put its number, time and name on it. */
export type Image = Omit<Preimage, 'sequence' | 'actionId' | 'at' | 'who'>;

/**
 * What a write is about to change, read with the responder's own credentials before it is forwarded.
 * A deletecollection gives one for each.
 */
export async function readPreimages(
  request: ParsedRequest,
  path: string,
  upstream: Upstream,
): Promise<Image[]> {
  const { pathname, search } = requestUrl(path);
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

/**
 * What a create is about to make, so that it can be undone even if its answer never comes. Undefined where only the
 * answer can tell: the API server chooses the name, or something of that name is there, or it may not be read.
 */
export async function announceCreate(
  request: ParsedRequest,
  path: string,
  body: Buffer,
  upstream: Upstream,
): Promise<Image | undefined> {
  if (request.subresource) return undefined;
  const { name, kind } = readCreatedObject(body) ?? {};
  if (!name) return undefined;
  const { pathname } = requestUrl(path);
  try {
    const there = await upstream.getJson(`${pathname}/${encodeURIComponent(name)}`);
    return there ? undefined : { ...describe({ ...request, name }, undefined), kind: kind ?? '' };
  } catch {
    return undefined;
  }
}

/** What a write left behind: the second record of its pre-image, or the only one of a create that was not announced. */
export function afterImage(request: ParsedRequest, answer: Record<string, unknown>): Image {
  const { before, ...image } = describe(request, answer);
  return { ...image, after: before };
}

/** Path of the object that a request is about: a subresource (scale, status, eviction) changes its object. */
export function objectPath(request: ParsedRequest, path: string): string {
  const { pathname } = requestUrl(path);
  if (!request.subresource) return pathname;
  return pathname.slice(0, pathname.lastIndexOf(`/${request.subresource}`));
}

function describe(request: ParsedRequest, object: Record<string, unknown> | undefined): Image {
  const metadata = (object?.metadata ?? {}) as Record<string, unknown>;
  const { managedFields: _, ...kept } = metadata;
  const image: Image = {
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
