/** Which handler answers a request to a resource. */
import type { ResourceDefinition } from '../kinds/definition.ts';
import { resourceName } from '../kinds/definition.ts';
import { allVerbs } from '../kinds/versions.ts';
import { methodNotAllowed, noSuchResource } from '../status.ts';
import type { Call } from './context.ts';
import { applyObject, applyType } from './requests/apply.ts';
import { patchObject } from './requests/patch.ts';
import { getObject, listObjects } from './requests/read.ts';
import { watchObjects } from './requests/watch.ts';
import { createObject, deleteMany, deleteObject, replaceObject } from './requests/write.ts';
import { subresourceHandler } from './subresources/index.ts';
import { virtualHandler } from './virtual/index.ts';

const isApply = (call: Call) => call.request.headers['content-type']?.split(';')[0] === applyType;

export type Handler = (call: Call, definition: ResourceDefinition) => void | Promise<void>;

const handlers: Record<string, Handler> = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: replaceObject,
  patch: (call, definition) =>
    isApply(call) ? applyObject(call, definition) : patchObject(call, definition),
  delete: deleteObject,
  deletecollection: deleteMany,
};

/** Throws ApiError 404 and 405 as the real router does. */
export async function handleResource(call: Call): Promise<void> {
  const { info } = call;
  const kinds = call.context.api.kinds();
  const served = kinds.served.find(
    ({ group, version, plural }) =>
      group === info.group && version === info.version && plural === info.resource,
  );
  if (!served || (info.rest.length > 0 && info.subresource !== 'proxy')) throw noSuchResource();
  if (info.namespace && !served.namespaced && info.resource !== 'namespaces') throw noSuchResource();
  if (info.subresource) {
    const subresource = served.subresources?.find(({ name }) => name === info.subresource);
    if (!subresource) throw noSuchResource();
    if (!subresource.verbs.includes(info.verb)) throw methodNotAllowed();
    const definition = kinds.definitionOf(resourceName(served))!;
    if (definition.custom) call.view = kinds.views.find(({ as }) => as === served)?.as;
    return subresourceHandler(call, definition);
  }
  const verbs: readonly string[] = served.verbs ?? allVerbs;
  // A list over all namespaces has no other verbs: a POST there is 405, as is a POST to a name.
  const isNameless = info.name === undefined;
  const wrongPlace =
    (info.verb === 'create' && !isNameless) ||
    (['update', 'patch', 'delete'].includes(info.verb) && isNameless) ||
    (served.namespaced && !info.namespace && !['list', 'watch'].includes(info.verb));
  if (!verbs.includes(info.verb) || wrongPlace) throw methodNotAllowed();
  const virtual = virtualHandler(served);
  if (virtual) return virtual(call);
  const view = kinds.views.find(({ as }) => as === served);
  if (view) call.view = view.as;
  const definition = view?.of ?? kinds.definitionOf(resourceName(served))!;
  const { deprecation } = call.view ?? definition;
  if (deprecation) call.warnings.push(deprecation);
  await handlers[info.verb]!(call, definition);
}
