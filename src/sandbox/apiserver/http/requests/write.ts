/** POST and PUT of whole objects, DELETE of one or many. */
import type { KubeObject, NewObject } from '../../../api.ts';
import type { DeleteOptions } from '../../deletion.ts';
import { apiVersion, type ResourceDefinition, resourceName } from '../../kinds/definition.ts';
import { badRequest } from '../../status.ts';
import type { Call } from '../context.ts';
import { sendJson } from '../respond.ts';
import { readDeleteOptions } from './delete-options.ts';
import { parseListQuery, selects } from './list-query.ts';
import { readObject } from './object-body.ts';
import { writeOptions } from './options.ts';
import { sendObject } from './read.ts';

export async function createObject(call: Call, definition: ResourceDefinition): Promise<void> {
  const options = writeOptions(call, 'CreateOptions');
  const object = stored(call, await readObject<NewObject>(call, call.view ?? definition));
  object.metadata ??= {};
  checkNamespace(object, call, definition);
  const created = call.context.api.operations.create(definition, object, options);
  definition.warn?.(created, undefined, (text) => call.warnings.push(text));
  sendObject(call, 201, definition, created);
}

export async function replaceObject(call: Call, definition: ResourceDefinition): Promise<void> {
  const options = writeOptions(call, 'UpdateOptions');
  const object = stored(call, await readObject<KubeObject>(call, call.view ?? definition));
  object.metadata ??= {} as KubeObject['metadata'];
  checkNamespace(object, call, definition);
  checkName(object, call);
  const { operations, store } = call.context.api;
  const { namespace, name = '', subresource } = call.info;
  const exists = store.get(resourceName(definition), definition.namespaced ? namespace : undefined, name);
  if (!exists && definition.createOnUpdate && !subresource) {
    // The version of an object that is gone says nothing about the new one.
    object.metadata.resourceVersion = '';
    return sendObject(call, 201, definition, operations.create(definition, object, options));
  }
  const updated = operations.update(definition, namespace, name, () => object, { ...options, subresource });
  definition.warn?.(updated, undefined, (text) => call.warnings.push(text));
  sendObject(call, 200, definition, updated);
}

/** What came in, in the version that is stored. */
function stored<T>(call: Call, object: T): T {
  return call.view?.view ? (call.view.view.read(object as KubeObject) as T) : object;
}

export function checkName(object: { metadata: { name?: string } }, call: Call): void {
  const given = object.metadata.name;
  if (!given) object.metadata.name = call.info.name;
  else if (given !== call.info.name) {
    throw badRequest(
      `the name of the object (${given}) does not match the name on the URL (${call.info.name})`,
    );
  }
}

export function checkNamespace(
  object: { metadata: { namespace?: string } },
  call: Call,
  definition: ResourceDefinition,
): void {
  if (!definition.namespaced) return;
  const given = object.metadata.namespace;
  if (given && given !== call.info.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  object.metadata.namespace = call.info.namespace;
}

/** With what the kind does for clients that do not say what becomes of dependants. */
async function deleteOptions(call: Call, { deletion }: ResourceDefinition): Promise<DeleteOptions> {
  const options = await readDeleteOptions(call);
  if (!deletion?.orphans || options.propagationPolicy) return options;
  call.warnings.push(deletion.orphans);
  return { ...options, propagationPolicy: 'Orphan' };
}

export async function deleteObject(call: Call, definition: ResourceDefinition): Promise<void> {
  const options = await deleteOptions(call, definition);
  const { namespace, name = '' } = call.info;
  const { object, removed } = call.context.api.operations.delete(definition, namespace, name, options);
  if (!removed || answersWithObject(definition)) return sendObject(call, 200, definition, object);
  sendJson(call, 200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(definition.group ? { group: definition.group } : {}),
      kind: definition.plural,
      uid: object.metadata.uid,
    },
  });
}

/** These kinds answer a DELETE with the object as it was last (ReturnDeletedObject of their registries). */
function answersWithObject({ kind }: ResourceDefinition): boolean {
  return ['Pod', 'Service', 'ServiceAccount'].includes(kind);
}

export async function deleteMany(call: Call, definition: ResourceDefinition): Promise<void> {
  const options = await deleteOptions(call, definition);
  const query = parseListQuery(call, definition);
  const { store, operations } = call.context.api;
  const found = store
    .list(resourceName(definition), definition.namespaced ? call.info.namespace : undefined)
    .filter((object) => selects(object, query, definition));
  const items = found.map((object) => {
    const { namespace, name } = object.metadata;
    const deletion = operations.delete(definition, namespace, name, options);
    return deletion.removed ? object : deletion.object;
  });
  sendJson(call, 200, {
    kind: `${definition.kind}List`,
    apiVersion: apiVersion(definition),
    metadata: { resourceVersion: String(store.revision) },
    items: items.map(({ kind: _kind, apiVersion: _version, ...rest }) => rest),
  });
}
