/** PATCH with application/apply-patch+yaml: server-side apply. */
import type { KubeObject } from '../../../api.ts';
import { ApiError } from '../../../api.ts';
import { applyConfiguration } from '../../apply/apply.ts';
import { FieldPathError } from '../../apply/field-paths.ts';
import { structureFor } from '../../apply/structure-of.ts';
import { isRecord } from '../../json.ts';
import { apiVersion, type ResourceDefinition, resourceName } from '../../kinds/definition.ts';
import { DecodeError, decodeGiven } from '../../schema/decode.ts';
import { readAs } from '../../schema/read.ts';
import { badRequest, invalid } from '../../status.ts';
import type { Call } from '../context.ts';
import { parseYamlBody, readBody } from './body.ts';
import { writeOptions } from './options.ts';
import { sendObject } from './read.ts';
import { checkName, checkNamespace } from './write.ts';

export const applyType = 'application/apply-patch+yaml';

export async function applyObject(call: Call, definition: ResourceDefinition): Promise<void> {
  const options = writeOptions(call, 'PatchOptions');
  const manager = call.url.searchParams.get('fieldManager');
  if (!manager) {
    throw invalid({ kind: 'PatchOptions', group: 'meta.k8s.io' }, '', [
      { type: 'Required', field: 'fieldManager', message: 'Required value: is required for apply patch' },
    ]);
  }
  const wanted = readConfiguration((await readBody(call.request)).toString('utf8'), definition);
  checkName(wanted, call);
  checkNamespace(wanted, call, definition);
  const { operations, store } = call.context.api;
  const { namespace, name = '', subresource } = call.info;
  const exists = store.get(resourceName(definition), definition.namespaced ? namespace : undefined, name);
  const force = ['true', '1'].includes(call.url.searchParams.get('force') ?? '');
  const by = { manager, apiVersion: apiVersion(definition), force, now: call.context.clock.now() };
  const structure = structureFor(definition);
  const change = (live: KubeObject) => {
    try {
      return readAs<KubeObject>(definition, applyConfiguration(live, wanted, structure, by));
    } catch (error) {
      if (error instanceof FieldPathError) throw untyped(definition, name, error.message);
      throw error;
    }
  };
  // Who owns what is settled by the apply itself.
  const applying = { ...options, manager: undefined, subresource };
  if (exists) {
    return sendObject(
      call,
      200,
      definition,
      operations.update(definition, namespace, name, change, applying),
    );
  }
  if (wanted.metadata.uid)
    throw new ApiError(
      409,
      'Conflict',
      `uid mismatch: the provided object specified uid ${wanted.metadata.uid}, and no existing object was found`,
    );
  const { kind, apiVersion: version } = wanted;
  const blank = { kind, apiVersion: version, metadata: { name, namespace } } as KubeObject;
  sendObject(call, 201, definition, operations.create(definition, change(blank), applying));
}

function readConfiguration(text: string, definition: ResourceDefinition): KubeObject {
  let value: unknown;
  try {
    value = parseYamlBody(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(`error decoding YAML: ${error.message}`);
  }
  if (!isRecord(value)) throw badRequest('error decoding YAML: the body is no object');
  const { kind, apiVersion: version } = value;
  if (kind !== definition.kind || version !== apiVersion(definition)) {
    throw badRequest(`invalid object type: ${groupVersion(version)}, Kind=${kind ?? ''}`);
  }
  const meta = isRecord(value.metadata) ? value.metadata : {};
  if (meta.managedFields) throw badRequest('metadata.managedFields must be nil');
  return decoded(value, definition, String(meta.name ?? ''));
}

/** `apps/v1` and `/v1`: a group without a name is empty. */
function groupVersion(version: unknown): string {
  const text = typeof version === 'string' ? version : '';
  return text.includes('/') ? text : `/${text}`;
}

function decoded(value: Record<string, unknown>, definition: ResourceDefinition, name: string): KubeObject {
  const unknown: string[] = [];
  try {
    const object = definition.custom
      ? readAs<KubeObject>(definition, value, unknown)
      : decodeGiven<KubeObject>(definition.model, value, unknown);
    if (unknown[0]) throw untyped(definition, name, `.${unknown[0]}: field not declared in schema`);
    object.metadata ??= {} as KubeObject['metadata'];
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw untyped(definition, name, error.message);
    throw error;
  }
}

function untyped(definition: ResourceDefinition, name: string, why: string): ApiError {
  const type = `${groupVersion(apiVersion(definition))}, Kind=${definition.kind}`;
  return new ApiError(500, '', `failed to create typed patch object (/${name}; ${type}): ${why}`);
}
