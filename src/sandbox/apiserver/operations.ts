/** Create, update and delete as the generic registry of Kubernetes does them, whoever asks. */
import { randomUUID } from 'node:crypto';
import type { KubeObject, NewObject } from '../api.ts';
import { ApiError } from '../api.ts';
import { admitNamespace } from './admission/namespace.ts';
import { admitQuota } from './admission/quota.ts';
import { trackUpdate } from './apply/managed-fields.ts';
import { structureFor } from './apply/structure-of.ts';
import { type DeleteOptions, type Deletion, planDeletion } from './deletion.ts';
import { clone, same } from './json.ts';
import type { HookContext, ResourceDefinition } from './kinds/definition.ts';
import { apiVersion, resourceName } from './kinds/definition.ts';
import { othersOnCreateOf } from './kinds/kinds.ts';
import { generateName, timestamp } from './names.ts';
import { modelOf } from './schema/models.ts';
import { alreadyExists, conflict, invalid, modified, notFound } from './status.ts';
import type { Store } from './store.ts';
import { validateMeta, validateMetaUpdate } from './validation/meta.ts';

export interface WriteOptions {
  dryRun?: boolean;
  /** Who: the field manager. */
  manager?: string;
  subresource?: string;
}

/** Where the real server keeps an object in etcd; some refusals name it. */
function storageKey(definition: ResourceDefinition, { metadata }: KubeObject): string {
  return [definition.plural, metadata.namespace, metadata.name].filter(Boolean).join('/');
}

/** A spec is no pointer in Go: it is there, empty, when nobody sent one. */
function addSpec({ model }: ResourceDefinition, object: KubeObject): void {
  if (modelOf(model)?.fields.spec) object.spec ??= {};
}

export interface Operations {
  context: HookContext;
  get(definition: ResourceDefinition, namespace: string | undefined, name: string): KubeObject;
  create(definition: ResourceDefinition, object: NewObject, options?: WriteOptions): KubeObject;
  /** `change` gets a clone of the current state and returns the wanted one. */
  update(
    definition: ResourceDefinition,
    namespace: string | undefined,
    name: string,
    change: (draft: KubeObject) => KubeObject,
    options?: WriteOptions,
  ): KubeObject;
  delete(
    definition: ResourceDefinition,
    namespace: string | undefined,
    name: string,
    options?: DeleteOptions,
  ): Deletion;
}

/** `random` gives numbers in [0, 1). */
export function createOperations(store: Store, now: () => number, random: () => number): Operations {
  const context: HookContext = {
    now,
    random,
    get: (resource, namespace, name) => store.get(resource, namespace, name),
    list: (resource, namespace) => store.list(resource, namespace),
  };

  /** Notes who changed which fields, where the writer has a name. */
  const own = (
    definition: ResourceDefinition,
    object: KubeObject,
    old: KubeObject | undefined,
    { manager, subresource }: WriteOptions,
  ) => {
    if (!manager) return;
    const by = { manager, subresource, apiVersion: apiVersion(definition), now: now() };
    trackUpdate(object, old, structureFor(definition), by);
  };

  const charge = (quotas: KubeObject[]) => {
    for (const quota of quotas) store.put('resourcequotas', quota);
  };

  const get: Operations['get'] = (definition, namespace, name) => {
    const found = store.get(resourceName(definition), definition.namespaced ? namespace : undefined, name);
    if (!found) throw notFound(definition, name);
    return found;
  };

  const create: Operations['create'] = (definition, given, options = {}) => {
    const object = clone(given) as KubeObject;
    const meta = object.metadata;
    if (meta.resourceVersion) {
      throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
    }
    object.apiVersion = apiVersion(definition);
    object.kind = definition.kind;
    if (!definition.namespaced) delete meta.namespace;
    addSpec(definition, object);
    if (!meta.name && meta.generateName) meta.name = generateName(meta.generateName, random);
    definition.setDefaults?.(object, context);
    meta.uid = randomUUID();
    meta.creationTimestamp = timestamp(now());
    delete meta.deletionTimestamp;
    delete (meta as { selfLink?: string }).selfLink;
    delete meta.deletionGracePeriodSeconds;
    if (definition.counted) meta.generation = 1;
    definition.prepareCreate?.(object, context);
    if (definition.namespaced) admitNamespace(definition, object, context);
    const admissions = [...othersOnCreateOf(resourceName(definition)), definition];
    for (const admission of admissions) admission.admit?.(object, context);
    const errors = [
      ...validateMeta(definition, object),
      ...(definition.validate?.(object, context) ?? []),
      ...(definition.validateCreate?.(object) ?? []),
    ];
    if (errors.length > 0) throw invalid(definition, meta.name ?? '', errors);
    for (const admission of admissions) admission.review?.(object, context);
    const charged = definition.namespaced ? admitQuota(definition, object, undefined, context) : [];
    const there = store.get(resourceName(definition), meta.namespace, meta.name);
    if (there) throw alreadyExists(definition, meta.name, there.metadata.deletionTimestamp !== undefined);
    own(definition, object, undefined, options);
    if (options.dryRun) return object;
    charge(charged);
    return store.put(resourceName(definition), object);
  };

  const update: Operations['update'] = (definition, namespace, name, change, options = {}) => {
    const old = get(definition, namespace, name);
    const object = change(clone(old) as KubeObject);
    object.apiVersion = old.apiVersion;
    object.kind = old.kind;
    const meta = object.metadata;
    if (meta.uid && meta.uid !== old.metadata.uid) {
      throw conflict(
        definition,
        name,
        `StorageError: invalid object, Code: 4, Key: /registry/${storageKey(definition, old)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${meta.uid}, UID in object meta: ${old.metadata.uid}`,
      );
    }
    if (meta.resourceVersion && meta.resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(definition, name, modified);
    }
    if (!meta.resourceVersion && definition.unconditionalUpdate === false) {
      // The store's own refusal names the resource where others name the kind (registry/generic/registry/store.go).
      throw invalid({ ...definition, kind: definition.plural }, name, [
        {
          type: 'Invalid',
          field: 'metadata.resourceVersion',
          message: 'Invalid value: 0: must be specified for an update',
        },
      ]);
    }
    keepServerFields(object, old);
    addSpec(definition, object);
    const part = definition.subresources?.find((one) => one.name === options.subresource)?.part;
    const internal = options.subresource === 'binding' || options.subresource === 'finalize';
    const uncounted = internal || options.subresource === 'status';
    if (options.subresource === 'status') {
      keepAllButStatus(object, old);
      definition.prepareStatus?.(object, old);
    } else if (part) {
      part.keep(object, old);
      definition.setDefaults?.(object, context);
    } else if (!internal) {
      definition.setDefaults?.(object, context);
      if (definition.hasStatus) object.status = old.status;
      definition.prepareUpdate?.(object, old, context);
    }
    if (definition.counted && !uncounted && isNewGeneration(definition, object, old)) {
      meta.generation = (old.metadata.generation ?? 0) + 1;
    }
    // The real server checks the metadata of an update twice, and lists what it finds twice.
    const metaErrors = validateMetaUpdate(definition, object, old);
    const errors = [
      ...metaErrors,
      ...metaErrors,
      ...(options.subresource ? [] : (definition.validate?.(object, context) ?? [])),
      ...(options.subresource ? [] : (definition.validateUpdate?.(object, old, context) ?? [])),
      ...(part?.validate(object, old) ?? []),
    ];
    if (errors.length > 0) throw invalid(definition, name, errors);
    const charged = definition.quota?.changes ? admitQuota(definition, object, old, context) : [];
    own(definition, object, old, options);
    if (same(object, old)) return old;
    const gone = meta.deletionTimestamp && !meta.finalizers?.length && isFinished(definition, object);
    if (options.dryRun) return object;
    charge(charged);
    // The last event of an object shows it as it was stored: with the finalizer whose end ended it.
    return gone
      ? store.remove(resourceName(definition), clone(old) as KubeObject)
      : store.put(resourceName(definition), object);
  };

  return {
    context,
    get,
    create,
    update,
    delete(definition, namespace, name, options = {}) {
      const old = get(definition, namespace, name);
      const deletion = planDeletion(definition, old, options, now());
      if (options.dryRun) return deletion;
      const resource = resourceName(definition);
      if (deletion.removed) return { ...deletion, object: store.remove(resource, deletion.object) };
      if (same(deletion.object, old)) return deletion;
      return { ...deletion, object: store.put(resource, deletion.object) };
    },
  };
}

function isNewGeneration({ countedToo }: ResourceDefinition, object: KubeObject, old: KubeObject): boolean {
  return !same(object.spec, old.spec) || !same(countedToo?.(object), countedToo?.(old));
}

/** An object marked for deletion goes with its last finalizer, when its grace period is over and nothing else holds it. */
function isFinished({ deletion }: ResourceDefinition, object: KubeObject): boolean {
  return !object.metadata.deletionGracePeriodSeconds && !deletion?.isHeld?.(object);
}

function keepServerFields(object: KubeObject, old: KubeObject): void {
  const meta = object.metadata;
  meta.resourceVersion = old.metadata.resourceVersion;
  meta.uid = old.metadata.uid;
  meta.creationTimestamp = old.metadata.creationTimestamp;
  for (const field of ['generation', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (old.metadata[field] === undefined) delete meta[field];
    else (meta as unknown as Record<string, unknown>)[field] = old.metadata[field];
  }
}

/** Through /status a client changes status, and of the metadata labels and annotations and the like. */
function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  for (const field of Object.keys(object)) {
    if (!['status', 'metadata', 'kind', 'apiVersion'].includes(field)) delete object[field];
  }
  for (const field of Object.keys(old)) {
    if (!['status', 'metadata'].includes(field)) object[field] = old[field];
  }
}
