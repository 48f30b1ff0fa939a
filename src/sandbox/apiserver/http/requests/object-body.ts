/** Bodies that carry an object: parsed, checked for kind and version, decoded by the kind's model. */
import { ApiError } from '../../../api.ts';
import { isRecord } from '../../json.ts';
import { apiVersion, type GroupVersionKind, type ResourceDefinition } from '../../kinds/definition.ts';
import { definitions } from '../../kinds/kinds.ts';
import { decodeProtobuf } from '../../protobuf/decode.ts';
import { MessageError } from '../../protobuf/wire.ts';
import { DecodeError } from '../../schema/decode.ts';
import { modelOf } from '../../schema/models.ts';
import { readAs } from '../../schema/read.ts';
import { badRequest } from '../../status.ts';
import type { Call } from '../context.ts';
import { bodyFormat, parseJson, parseYamlBody, readBody } from './body.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { fieldValidation } from './options.ts';

type Expected = GroupVersionKind & Pick<ResourceDefinition, 'model' | 'custom' | 'jsonOnly'>;

/** Throws ApiError 400 or 415, in the words of the real decoder. Unknown fields warn, or fail if Strict. */
export async function readObject<T>(call: Call, expected: Expected): Promise<T> {
  const format = bodyFormat(call.request.headers['content-type']);
  const body = await readBody(call.request);
  const text = body.toString('utf8');
  const value = format === 'protobuf' ? parseProtobuf(body, expected) : parse(text, format, expected.kind);
  const problems = format === 'json' ? duplicateFields(text) : [];
  const object = decodeObject<T>(value, expected, problems);
  reportProblems(call, problems, (message) =>
    badRequest(`${subject(value, expected)} cannot be handled as a ${expected.kind}: ${message}`),
  );
  return object;
}

function parseProtobuf(body: Buffer, expected: Expected): Record<string, unknown> {
  if (expected.custom || expected.jsonOnly) throw new ApiError(415, 'UnsupportedMediaType', customTypes, {});
  try {
    return decodeProtobuf(body, expected.model);
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): ${error.message} (${hexOf(body)})`,
    );
  }
}

const customTypes =
  'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml';

/** The beginning of a body that is no text. */
function hexOf(body: Buffer): string {
  if (body.length === 0) return '<empty>';
  return body.length > 30 ? `${body.toString('hex', 0, 30)} ...` : body.toString('hex');
}

function parse(text: string, format: string, kind: string): Record<string, unknown> {
  const lead = `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: `;
  let value: unknown;
  try {
    value = format === 'yaml' ? parseYamlBody(text) : parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(`${lead}${error.message} (${shown(text)})`);
  }
  if (isRecord(value)) return value;
  const type = Array.isArray(value) ? 'array' : typeof value;
  const go =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  const hex = Buffer.from(text).toString('hex');
  throw badRequest(`${lead}json: cannot unmarshal ${type} into Go value of type ${go} (${hex})`);
}

const shown = (text: string) => (text === '' ? '<empty>' : text.slice(0, 256));

function subject(value: Record<string, unknown>, expected: Expected): string {
  const kind = value.kind || expected.kind;
  const version = String(value.apiVersion || expected.version)
    .split('/')
    .pop();
  return `${kind} in version ${JSON.stringify(version)}`;
}

/** Checks kind and version, and decodes. `problems` gets unknown fields. */
export function decodeObject<T>(value: Record<string, unknown>, expected: Expected, problems: string[]): T {
  const kind = value.kind || expected.kind;
  const version = value.apiVersion || apiVersion(expected);
  const refuse = (why: string) =>
    badRequest(`${subject(value, expected)} cannot be handled as a ${expected.kind}: ${why}`);
  if (kind !== expected.kind || version !== apiVersion(expected)) {
    const known = definitions.find((d) => d.kind === kind && apiVersion(d) === version);
    if (!known) {
      throw refuse(
        `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
      );
    }
    const group = (name: string) => name.split('.')[0] || 'core';
    throw refuse(
      `converting (${known.version}.${known.kind}) to (${group(expected.group)}.${expected.kind}): unknown conversion`,
    );
  }
  const unknown: string[] = [];
  try {
    const object = readAs<Record<string, unknown>>(expected, value, unknown);
    // Metadata is no pointer in Go: it is there, empty, when nobody sent any.
    if (expected.custom || modelOf(expected.model)?.fields.metadata) object.metadata ??= {};
    problems.push(...unknown.map((path) => `unknown field ${JSON.stringify(path)}`));
    return object as T;
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}

/** By fieldValidation: a warning each, an error with all, or nothing. */
export function reportProblems(call: Call, problems: string[], fail: (message: string) => Error): void {
  if (problems.length === 0) return;
  const mode = fieldValidation(call);
  if (mode === 'Strict') throw fail(`strict decoding error: ${problems.join(', ')}`);
  if (mode === 'Warn') call.warnings.push(...problems);
}
