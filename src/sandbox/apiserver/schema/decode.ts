/**
 * Reads a JSON value as a typed object, as the server's strict decoder does: unknown fields are dropped and
 * reported, nulls and zero values of optional fields are left out, quantities and times are brought into one form.
 */

import { canonicalQuantity, parseQuantity } from '../../../quantity.ts';
import { clone, isRecord } from '../json.ts';
import { alwaysWritten, quantityFields } from '../kinds/fields.ts';
import { isOmitted } from './emptiness.ts';
import { type Model, modelOf, shapeOf } from './models.ts';

/** A value of the wrong JSON type; the message is the decoder's. */
export class DecodeError extends Error {}

interface Reader {
  /** Paths of fields that the model does not have. */
  unknown: string[];
  /** Whether required fields that nobody gave get what Go has in their place. */
  zeroes: boolean;
}

/**
 * `unknown` gets the path of each field that the model lacks. Required fields that are not given are there afterwards,
 * with the zero value of their type. Throws DecodeError on a wrong type.
 */
export function decode<T>(model: string, value: unknown, unknown: string[] = []): T {
  return readModel(model, value, '', { unknown, zeroes: true }, goName(model)) as T;
}

/** As `decode`, with the fields that were given and no other: what a server-side apply is about. */
export function decodeGiven<T>(model: string, value: unknown, unknown: string[] = []): T {
  return readModel(model, value, '', { unknown, zeroes: false }, goName(model)) as T;
}

function readModel(name: string, value: unknown, path: string, reader: Reader, goPath: string): unknown {
  if (!isRecord(value)) throw wrongType(value, goPath, name);
  const model = modelOf(name)!;
  const result: Record<string, unknown> = clone(alwaysWritten[name] ?? {});
  for (const [key, given] of Object.entries(value)) {
    const field = Object.hasOwn(model.fields, key) ? model.fields[key] : undefined;
    const inner = path ? `${path}.${key}` : key;
    if (!field) {
      // managedFields hold any field; the decoder knows them though the models do not.
      reader.unknown.push(inner);
      continue;
    }
    if (given === null || given === undefined) continue;
    const isQuantity = quantityFields.has(`${name}.${key}`);
    const read = isQuantity
      ? readQuantities(given)
      : readType(field.type, field.format, given, inner, reader, goField(name, inner));
    const isEmptyMap = isRecord(read) && Object.keys(read).length === 0 && shapeOf(field.type).is === 'map';
    if (!isEmptyMap && !isOmitted(name, key, field.required ?? false, read)) result[key] = read;
  }
  if (reader.zeroes) fillZeroes(name, model, result);
  return result;
}

/** The pointers among required fields: a validator must see that they were not given. */
const pointers = new Set([
  'V1DaemonSetSpec.selector',
  'V1DeploymentSpec.selector',
  'V1StatefulSetSpec.selector',
  'V1HTTPIngressPath.pathType',
]);

function fillZeroes(name: string, model: Model, result: Record<string, unknown>): void {
  for (const [key, { type, required }] of Object.entries(model.fields)) {
    if (!required || result[key] !== undefined || pointers.has(`${name}.${key}`)) continue;
    const shape = shapeOf(type);
    if (shape.is === 'model') {
      const inner: Record<string, unknown> = {};
      fillZeroes(shape.name, shape.model, inner);
      result[key] = inner;
    } else if (shape.is === 'scalar' && Object.hasOwn(zeroes, type)) result[key] = zeroes[type];
  }
}

const zeroes: Record<string, unknown> = { string: '', number: 0, boolean: false, IntOrString: 0 };

function readType(
  type: string,
  format: string | undefined,
  value: unknown,
  path: string,
  reader: Reader,
  goPath: string,
): unknown {
  const shape = shapeOf(type);
  if (shape.is === 'model') return readModel(shape.name, value, path, reader, goPath);
  if (shape.is === 'list') {
    if (!Array.isArray(value)) throw wrongType(value, goPath, `[]${goType(shape.of)}`);
    return value.map((item, index) => {
      const empty = item === null ? emptyOf(shape.of) : item;
      return readType(shape.of, format, empty, `${path}[${index}]`, reader, goPath);
    });
  }
  if (shape.is === 'map') {
    if (!isRecord(value)) throw wrongType(value, goPath, `map[string]${goType(shape.of)}`);
    const read = (item: unknown) =>
      readType(shape.of, format, item ?? emptyOf(shape.of), path, reader, goPath);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item)]));
  }
  return readScalar(shape.name, format, value, goPath);
}

/** A field as Go's decoder names it: the struct, then the path without indices. */
const goField = (model: string, path: string) => `${goName(model)}.${path.replace(/\[\d+\]/g, '')}`;

const goName = (model: string) => model.replace(/^(Authentication|Core|Discovery|Events|Rbac)?V[12]/, '');

const emptyOf = (type: string) => (type === 'string' ? '' : type.startsWith('Array') ? [] : {});

function readScalar(type: string, format: string | undefined, value: unknown, goPath: string): unknown {
  switch (type) {
    case 'string':
      if (typeof value !== 'string') throw wrongType(value, goPath, format === 'byte' ? '[]uint8' : 'string');
      if (format === 'byte') return readBytes(value);
      return value;
    case 'number':
      if (typeof value !== 'number') throw wrongType(value, goPath, format ?? 'int64');
      if (!fits(value, format)) throw wrongType(value, goPath, format ?? 'int64', `number ${value}`);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType(value, goPath, 'bool');
      return value;
    case 'IntOrString':
      if (typeof value !== 'string' && typeof value !== 'number') {
        throw wrongType(value, goPath, 'int32');
      }
      if (typeof value === 'number' && !fits(value, 'int32')) {
        throw wrongType(value, goPath, 'int32', `number ${value}`);
      }
      return value;
    case 'Date':
      return readTime(value, goPath);
    case 'V1MicroTime':
      return readMicroTime(value, goPath);
    default:
      return value;
  }
}

/** Whole, and not more than the type can hold. */
function fits(value: number, format = 'int64'): boolean {
  if (format === 'double') return true;
  const limit = 2 ** (format === 'int32' ? 31 : 63);
  return Number.isInteger(value) && value >= -limit && value < limit;
}

function readBytes(text: string): string {
  const bytes = Buffer.from(text.replace(/[\r\n]/g, ''), 'base64');
  const canonical = bytes.toString('base64');
  if (canonical === text.replace(/[\r\n]/g, '')) return canonical;
  const bad = /[^A-Za-z0-9+/=]/.exec(text)?.index ?? Math.max(0, text.length - (text.length % 4 || 4));
  throw new DecodeError(`illegal base64 data at input byte ${bad}`);
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function readTime(value: unknown, goPath: string): string {
  if (value instanceof Date) return `${value.toISOString().slice(0, 19)}Z`;
  if (typeof value !== 'string') throw wrongType(value, goPath, 'string');
  if (!rfc3339.test(value) || Number.isNaN(Date.parse(value))) {
    throw new DecodeError(
      `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  }
  return `${new Date(value).toISOString().slice(0, 19)}Z`;
}

function readMicroTime(value: unknown, goPath: string): string {
  if (typeof value !== 'string') throw wrongType(value, goPath, 'string');
  if (!rfc3339.test(value) || Number.isNaN(Date.parse(value))) {
    throw new DecodeError(`parsing time ${JSON.stringify(value)}: cannot parse`);
  }
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  const seconds = new Date(value).toISOString().slice(0, 19);
  return `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

function readQuantities(value: unknown): unknown {
  if (!isRecord(value)) return readQuantity(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readQuantity(item)]));
}

function readQuantity(value: unknown): unknown {
  if (!parseQuantity(value)) {
    throw new DecodeError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  return canonicalQuantity(value);
}

const goType = (type: string) => type.replace(/^V([12])/, 'v$1.');

function wrongType(value: unknown, goPath: string, wanted: string, seen = jsonType(value)): DecodeError {
  return new DecodeError(
    `json: cannot unmarshal ${seen} into Go struct field ${goPath} of type ${goType(wanted)}`,
  );
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : typeof value;
}
