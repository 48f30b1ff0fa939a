/** The query of a list: selectors, pages, versions. */
import type { KubeObject } from '../../../api.ts';
import { ApiError } from '../../../api.ts';
import { type FieldRequirement, matchesFields, parseFieldSelector } from '../../field-selectors.ts';
import { type ResourceDefinition, resourceName } from '../../kinds/definition.ts';
import { matchesLabels, parseLabelSelector, type Requirement } from '../../selectors.ts';
import { badRequest } from '../../status.ts';
import type { Store } from '../../store.ts';
import type { Call } from '../context.ts';
import { checkListOptions, tooLarge } from './list-options.ts';

export interface ListQuery {
  labels: Requirement[];
  fields: FieldRequirement[];
  limit: number;
  continue?: string;
  resourceVersion: string;
  resourceVersionMatch: string;
}

/** Throws ApiError 400 and 422. */
export function parseListQuery(call: Call, definition: ResourceDefinition): ListQuery {
  const query = call.url.searchParams;
  for (const name of ['limit', 'timeoutSeconds']) {
    const text = query.get(name);
    if (text && !/^-?\d+$/.test(text)) {
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    }
  }
  checkListOptions(query);
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', call.view ?? definition);
  // A list or watch under one name is about that name only.
  if (call.info.name) fields.push({ field: 'metadata.name', equal: true, value: call.info.name });
  return {
    labels: parseLabelSelector(query.get('labelSelector') ?? ''),
    fields,
    // Less than one is no limit at all.
    limit: Math.max(0, Number(query.get('limit') ?? 0)),
    continue: query.get('continue') || undefined,
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
  };
}

export function selects(
  object: KubeObject,
  query: Pick<ListQuery, 'labels' | 'fields'>,
  definition: ResourceDefinition,
): boolean {
  return (
    matchesLabels(query.labels, object.metadata.labels) && matchesFields(query.fields, object, definition)
  );
}

interface Page {
  items: KubeObject[];
  metadata: Record<string, unknown>;
}

/** One page of a list. Later pages and `resourceVersionMatch=Exact` show the list as it was then. */
export function selectPage(call: Call, query: ListQuery, definition: ResourceDefinition, store: Store): Page {
  const token = query.continue ? parseContinue(query) : undefined;
  const isExact = query.resourceVersionMatch === 'Exact';
  const revision = token?.revision ?? (isExact ? Number(query.resourceVersion) : store.revision);
  if (Number(query.resourceVersion) > store.revision) throw tooLarge(query.resourceVersion, store.revision);
  const namespace = definition.namespaced ? call.info.namespace : undefined;
  const all = store.listAt(resourceName(definition), namespace, revision);
  if (!all) throw expired(token !== undefined);
  const start = token ? all.findIndex((object) => keyOf(object) > token.after) : 0;
  const rest = start === -1 ? [] : all.slice(start).filter((object) => selects(object, query, definition));
  const metadata: Record<string, unknown> = { resourceVersion: String(revision) };
  if (!query.limit || rest.length <= query.limit) return { items: rest, metadata };
  const items = rest.slice(0, query.limit);
  metadata.continue = formatContinue({ revision, after: keyOf(items[items.length - 1]!) });
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

function parseContinue({ continue: text = '', resourceVersion }: ListQuery): Token {
  if (resourceVersion && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const decoded = Buffer.from(text, 'base64url').toString('latin1');
  try {
    const { rv, start } = JSON.parse(decoded);
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, after: start };
  } catch {
    // Falls through: whatever is wrong with it, the token is not ours.
  }
  const first = decoded.charCodeAt(0) || 0;
  const shown = first < 0x20 || first > 0x7e ? `\\u${first.toString(16).padStart(4, '0')}` : decoded[0];
  throw badRequest(
    `invalid continue token: continue key is not valid: invalid character '${shown}' looking for beginning of value`,
  );
}

function expired(isPage: boolean): ApiError {
  const message = isPage
    ? 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.'
    : 'The resourceVersion for the provided list is too old.';
  return new ApiError(410, 'Expired', message);
}
