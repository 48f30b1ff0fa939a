/** GET: one object, or a list with selectors and pages. */
import type { KubeObject } from '../../../api.ts';
import { ApiError } from '../../../api.ts';
import { isRecord } from '../../json.ts';
import { apiVersion, type ResourceDefinition } from '../../kinds/definition.ts';
import { badRequest } from '../../status.ts';
import { type IncludeObject, partialMetadata, tableOf } from '../../table/table.ts';
import type { Call } from '../context.ts';
import { sendJson } from '../respond.ts';
import { tooLarge } from './list-options.ts';
import { parseListQuery, selectPage } from './list-query.ts';

export function getObject(call: Call, definition: ResourceDefinition): void {
  const { namespace, name } = call.info;
  const { operations, store } = call.context.api;
  const version = call.url.searchParams.get('resourceVersion') ?? '';
  if (Number(version) > store.revision) throw tooLarge(version, store.revision);
  sendObject(call, 200, definition, operations.get(definition, namespace, name!));
}

/** Sends one object in the form that was asked for. */
export function sendObject(call: Call, code: number, definition: ResourceDefinition, object: unknown): void {
  const { as } = call.accepted;
  const isObject = isRecord(object) && object.kind === definition.kind;
  if (!isObject) return sendJson(call, code, object);
  const kube = object as KubeObject;
  if (!as) return sendJson(call, code, shown(call, kube));
  if (as === 'PartialObjectMetadata') return sendJson(call, code, partialMetadata(kube));
  if (as === 'PartialObjectMetadataList') {
    throw notAcceptable(
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${goName(definition)})`,
    );
  }
  const metadata = { resourceVersion: kube.metadata.resourceVersion };
  sendJson(call, code, tableFor(call, definition, [kube], metadata));
}

export function listObjects(call: Call, definition: ResourceDefinition): void {
  const { store } = call.context.api;
  const query = parseListQuery(call, definition);
  const { items, metadata } = selectPage(call, query, definition, store);
  sendList(call, definition, items, metadata);
}

function sendList(
  call: Call,
  definition: ResourceDefinition,
  items: KubeObject[],
  metadata: Record<string, unknown>,
): void {
  const { as } = call.accepted;
  if (as === 'Table') return sendJson(call, 200, tableFor(call, definition, items, metadata));
  if (as === 'PartialObjectMetadata') {
    throw notAcceptable(
      `you requested PartialObjectMetadata, but the requested object is a list (*${goName(definition)}List)`,
    );
  }
  if (as === 'PartialObjectMetadataList') {
    const list = { kind: as, apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(partialMetadata) };
    return sendJson(call, 200, list);
  }
  sendJson(call, 200, {
    kind: `${definition.kind}List`,
    apiVersion: apiVersion(call.view ?? definition),
    metadata,
    items: items
      .map((object) => shown(call, object))
      .map(({ kind: _kind, apiVersion: _version, ...rest }) => rest),
  });
}

/** An object in the version that was asked for. */
export function shown(call: Call, object: KubeObject): KubeObject {
  return call.view?.view?.show(object) ?? object;
}

export function includeObject(call: Call): IncludeObject {
  const value = call.url.searchParams.get('includeObject') ?? '';
  if (value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** Objects as the Table that was asked for, with the columns of their kind. */
export function tableFor(
  call: Call,
  definition: Pick<ResourceDefinition, 'table'>,
  objects: KubeObject[],
  metadata: Record<string, unknown>,
): unknown {
  const present = (object: KubeObject) => shown(call, object);
  const options = { include: includeObject(call), now: call.context.clock.now(), present };
  return tableOf(definition, objects, metadata, options);
}

/** The internal Go type that some refusals name: apps.Deployment. */
function goName({ group, kind }: ResourceDefinition): string {
  return `${group.split('.')[0] || 'core'}.${kind}`;
}

function notAcceptable(message: string): ApiError {
  return new ApiError(406, 'NotAcceptable', message);
}
