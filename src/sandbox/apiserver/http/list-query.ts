/** The query of a list: selectors, pages, versions. */
import type { KubeObject } from '../../api.ts';
import { ApiError } from '../../api.ts';
import { type FieldRequirement, matchesFields, parseFieldSelector } from '../field-selectors.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { matchesLabels, parseLabelSelector, type Requirement } from '../selectors.ts';
import { badRequest } from '../status.ts';
import type { Call } from './context.ts';

export interface ListQuery {
  labels: Requirement[];
  fields: FieldRequirement[];
  limit: number;
  continue?: string;
  resourceVersion: string;
  resourceVersionMatch: string;
}

export function parseListQuery(call: Call, definition: ResourceDefinition): ListQuery {
  const query = call.url.searchParams;
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', definition);
  // A watch or delete of one name through its own path.
  return {
    labels: parseLabelSelector(query.get('labelSelector') ?? ''),
    fields,
    limit: Number(query.get('limit') ?? 0),
    continue: query.get('continue') || undefined,
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
  };
}

export function selects(
  object: KubeObject,
  query: Pick<ListQuery, 'labels' | 'fields'>,
  definition: ResourceDefinition,
) {
  return (
    matchesLabels(query.labels, object.metadata.labels) && matchesFields(query.fields, object, definition)
  );
}

interface Page {
  items: KubeObject[];
  metadata: Record<string, unknown>;
}

/** `revision` is the store's now. */
export function selectPage(
  all: readonly KubeObject[],
  query: ListQuery,
  revision: number,
  definition: ResourceDefinition,
): Page {
  const token = query.continue ? parseContinue(query.continue) : undefined;
  const start = token ? all.findIndex((object) => keyOf(object) > token.after) : 0;
  const rest = start === -1 ? [] : all.slice(start).filter((object) => selects(object, query, definition));
  const listRevision = token?.revision ?? revision;
  const metadata: Record<string, unknown> = { resourceVersion: String(listRevision) };
  if (!query.limit || rest.length <= query.limit) return { items: rest, metadata };
  const items = rest.slice(0, query.limit);
  metadata.continue = formatContinue({ revision: listRevision, after: keyOf(items[items.length - 1]!) });
  if (query.labels.length === 0 && query.fields.length === 0) {
    metadata.remainingItemCount = rest.length - items.length;
  }
  return { items, metadata };
}

interface Token {
  revision: number;
  after: string;
}

const keyOf = (object: KubeObject) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

function formatContinue({ revision, after }: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: after })).toString(
    'base64url',
  );
}

function parseContinue(text: string): Token {
  try {
    const { rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, after: start };
  } catch {
    // Falls through: whatever is wrong with it, the token is not ours.
  }
  throw badRequest('continue key is not valid');
}

export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message);
}
