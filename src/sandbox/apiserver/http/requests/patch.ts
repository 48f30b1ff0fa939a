/** PATCH of every media type. */
import type { KubeObject } from '../../../api.ts';
import { ApiError } from '../../../api.ts';
import { fieldOf, isRecord } from '../../json.ts';
import type { GroupVersionKind, ResourceDefinition } from '../../kinds/definition.ts';
import { JsonPatchError, jsonPatch } from '../../patch/json-patch.ts';
import { mergePatch } from '../../patch/merge.ts';
import { goMap, StrategicPatchError, strategicPatch } from '../../patch/strategic.ts';
import { badRequest, invalid } from '../../status.ts';
import { immutable } from '../../validation/rules.ts';
import type { Call } from '../context.ts';
import { parseJson, readBody } from './body.ts';
import { decodeObject, reportProblems } from './object-body.ts';
import { writeOptions } from './options.ts';
import { sendObject } from './read.ts';
import { checkName, checkNamespace } from './write.ts';

/** Operations of one JSON Patch (endpoints/handlers/patch.go). */
const mostOperations = 10_000;

export type PatchType = 'json' | 'merge' | 'strategic';

const types: Record<string, PatchType> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

export async function patchObject(call: Call, definition: ResourceDefinition): Promise<void> {
  const type = patchType(call);
  if (type === 'strategic' && definition.custom)
    throw new ApiError(415, 'UnsupportedMediaType', noStrategic, {});
  const options = writeOptions(call, 'PatchOptions');
  refuseForce(call);
  const patch = parsePatch((await readBody(call.request)).toString('utf8'), type);
  const { namespace, name = '', subresource } = call.info;
  const change = (current: KubeObject) => patched(call, definition, current, patch, type);
  const { operations } = call.context.api;
  const updated = operations.update(definition, namespace, name, change, { ...options, subresource });
  sendObject(call, 200, definition, updated);
}

const noStrategic =
  'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';

export function patchType(call: Call): PatchType {
  const contentType = String(call.request.headers['content-type'] ?? '')
    .split(';')[0]!
    .trim();
  const type = types[contentType];
  if (!type) throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  return type;
}

function refuseForce(call: Call): void {
  if (!call.url.searchParams.has('force')) return;
  throw invalid({ kind: 'PatchOptions', group: 'meta.k8s.io' }, '', [
    { type: 'Forbidden', field: 'force', message: 'Forbidden: may not be specified for non-apply patch' },
  ]);
}

export function parsePatch(text: string, type: PatchType): unknown {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    // Only strategic patches come without the lead.
    const lead = type === 'strategic' ? '' : 'error decoding patch: ';
    throw badRequest(`${lead}${(error as Error).message}`);
  }
  if (type === 'json' && Array.isArray(value)) return value.map(readOperation);
  if (type !== 'json' && isRecord(value)) return value;
  const seen = Array.isArray(value) ? 'array' : typeof value;
  const wanted = type === 'json' ? '[]handlers.jsonPatchOp' : 'map[string]interface {}';
  throw badRequest(`error decoding patch: json: cannot unmarshal ${seen} into Go value of type ${wanted}`);
}

/** One operation of a JSON Patch; null is one without any field, as Go reads it. Throws ApiError 400. */
function readOperation(value: unknown): Record<string, unknown> {
  if (value === null) return {};
  const refuse = (seen: unknown, wanted: string) => {
    const type = Array.isArray(seen) ? 'array' : typeof seen === 'boolean' ? 'bool' : typeof seen;
    return badRequest(`error decoding patch: json: cannot unmarshal ${type} into Go ${wanted}`);
  };
  if (!isRecord(value)) throw refuse(value, 'value of type handlers.jsonPatchOp');
  for (const field of ['op', 'path', 'from']) {
    const given = fieldOf(value, field) ?? '';
    if (typeof given !== 'string') throw refuse(given, `struct field jsonPatchOp.${field} of type string`);
  }
  return value;
}

/** The object that the patch makes of the current one, decoded and checked against the path. */
function patched(
  call: Call,
  definition: ResourceDefinition,
  current: KubeObject,
  patch: unknown,
  type: PatchType,
): KubeObject {
  const raw = applyPatch(current, patch, type, definition.model);
  const shown = type === 'strategic' ? goMap(patch) : JSON.stringify(raw);
  const refuse = refusedPatch(shown);
  if (!isRecord(raw)) throw refuse('the result is no object');
  const problems: string[] = [];
  const object = decodePatched<KubeObject>(raw, definition, problems, refuse);
  reportProblems(call, problems, refuse);
  checkUid(object, current, definition);
  object.metadata ??= {} as KubeObject['metadata'];
  checkName(object, call);
  checkNamespace(object, call, definition);
  return object;
}

/** A patch cannot give an object another uid; the real server finds this twice. */
function checkUid(object: KubeObject, current: KubeObject, definition: ResourceDefinition): void {
  const uid = object.metadata?.uid;
  if (!uid || uid === current.metadata.uid) return;
  const error = immutable('metadata.uid', uid);
  throw invalid(definition, current.metadata.name, [error, error]);
}

/** The 422 for a patch whose result is no object of its kind. `shown` is the patch or the result as text. */
export function refusedPatch(shown: string): (message: string) => ApiError {
  return (message) =>
    invalid({ kind: '', group: '' }, '', [
      { type: 'Invalid', field: 'patch', message: `Invalid value: ${JSON.stringify(shown)}: ${message}` },
    ]);
}

export function decodePatched<T>(
  raw: Record<string, unknown>,
  definition: GroupVersionKind & Pick<ResourceDefinition, 'model' | 'custom'>,
  problems: string[],
  refuse: (message: string) => Error,
): T {
  try {
    return decodeObject<T>(raw, definition, problems);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw refuse(error.message.replace(/^.* cannot be handled as a \w+: /, ''));
  }
}

function refuseMany(count: number): void {
  if (count <= mostOperations) return;
  const why = `The allowed maximum operations in a JSON patch is ${mostOperations}, got ${count}`;
  throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: ${why}`);
}

export function applyPatch(current: unknown, patch: unknown, type: PatchType, model?: string): unknown {
  try {
    if (type === 'merge') return mergePatch(current, patch);
    if (type === 'strategic') return strategicPatch(current, patch, model);
    const operations = patch as Parameters<typeof jsonPatch>[1];
    refuseMany(operations.length);
    return jsonPatch(current, operations);
  } catch (error) {
    if (error instanceof StrategicPatchError) {
      throw error.isShape ? badRequest(error.message) : new ApiError(500, '', error.message);
    }
    if (!(error instanceof JsonPatchError)) throw error;
    throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
}
