/** Pruning and defaults of custom objects (apiextensions-apiserver/pkg/apiserver/schema). */
import { clone, fieldOf, isRecord, setField } from '../json.ts';
import { type JsonSchema, valuesOf } from './json-schema.ts';

/** Fields that every object has, whatever its schema says of them. */
const ofObjects = new Set(['apiVersion', 'kind', 'metadata']);

/** A copy without what the schema does not name; `unknown` gets the path of each such field. */
export function prune(
  value: unknown,
  schema: JsonSchema,
  unknown: string[],
  path = '',
  isObject = true,
): unknown {
  const keepsAll = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const embedded = isObject || schema['x-kubernetes-embedded-resource'] === true;
  if (Array.isArray(value)) {
    const { items } = schema;
    return items
      ? value.map((item, index) => prune(item, items, unknown, `${path}[${index}]`, false))
      : clone(value);
  }
  if (!isRecord(value)) return value;
  const { properties = {} } = schema;
  const values = valuesOf(schema);
  const isOpen = keepsAll || schema.additionalProperties === true;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const at = path ? `${path}.${key}` : key;
    const known = fieldOf(properties, key) as JsonSchema | undefined;
    if (embedded && ofObjects.has(key)) setField(result, key, clone(inner));
    else if (known) setField(result, key, prune(inner, known, unknown, at, false));
    else if (values) setField(result, key, prune(inner, values, unknown, at, false));
    else if (isOpen) setField(result, key, clone(inner));
    else unknown.push(at);
  }
  return result;
}

/** Fills in defaults where a field is absent, or null though it may not be. Changes `value`. */
export function setDefaults(value: unknown, schema: JsonSchema): void {
  if (Array.isArray(value)) {
    for (const item of value) if (schema.items) setDefaults(item, schema.items);
  }
  if (!isRecord(value)) return;
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const given = fieldOf(value, key);
    const isMissing = given === undefined || (given === null && !inner.nullable);
    if (isMissing && inner.default !== undefined) setField(value, key, clone(inner.default));
    else if (given === null && !inner.nullable) delete value[key];
    setDefaults(fieldOf(value, key), inner);
  }
  const values = valuesOf(schema);
  if (values) for (const inner of Object.values(value)) setDefaults(inner, values);
}
