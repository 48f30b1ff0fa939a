/** Which schemas are structural (apiextensions-apiserver/pkg/apiserver/schema). */
import { compileRegex } from '../../../../regex.ts';
import { type JsonSchema, valuesOf } from '../../custom/json-schema.ts';
import { validateValue } from '../../custom/validate.ts';
import type { FieldError } from '../../status.ts';
import { forbiddenValue, invalidValue, oneOf, required } from '../../validation/rules.ts';

export function validateSchema(schema: JsonSchema | undefined, path: string): FieldError[] {
  if (!schema) return [required(path, 'schemas are required')];
  const root = [
    ...(schema.type ? [] : [required(`${path}.type`, 'must not be empty at the root')]),
    ...(schema.type && schema.type !== 'object'
      ? [invalidValue(`${path}.type`, schema.type, 'must be object at the root')]
      : []),
  ];
  return [...root, ...validateNode(schema, path)];
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Parts of JSON Schema that no structural schema has. */
const unsupported = ['$ref', 'additionalItems', 'definitions', 'dependencies', 'id', 'patternProperties'];

const listTypes = ['atomic', 'map', 'set'];

/** `unnamed`: what an empty type is said to be missing for; undefined at the root, which is looked at before. */
function validateNode(schema: JsonSchema, path: string, unnamed?: string): FieldError[] {
  const { type, properties = {}, items } = schema;
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] || schema['x-kubernetes-int-or-string'];
  const values = valuesOf(schema);
  return [
    ...(unnamed && !type && !isOpen
      ? [required(`${path}.type`, `must not be empty for specified ${unnamed}`)]
      : []),
    ...(type ? oneOf(`${path}.type`, type, types) : []),
    ...unsupported
      .filter((field) => schema[field] !== undefined)
      .map((field) => forbiddenValue(`${path}.${field}`, `${field} is not supported`)),
    ...(schema.uniqueItems
      ? [
          forbiddenValue(
            `${path}.uniqueItems`,
            'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
          ),
        ]
      : []),
    ...(schema.additionalProperties === false
      ? [forbiddenValue(`${path}.additionalProperties`, 'additionalProperties cannot be set to false')]
      : []),
    ...(schema.additionalProperties && Object.keys(properties).length > 0
      ? [
          forbiddenValue(
            `${path}.additionalProperties`,
            'additionalProperties and properties are mutual exclusive',
          ),
        ]
      : []),
    ...(type === 'array' && !items ? [required(`${path}.items`, 'must be specified')] : []),
    ...validateList(schema, path),
    ...patternErrors(schema, path),
    ...defaultErrors(schema, path),
    ...Object.entries(properties).flatMap(([name, inner]) =>
      validateNode(inner, `${path}.properties[${name}]`, 'object fields'),
    ),
    ...(values ? validateNode(values, `${path}.additionalProperties`, 'object fields') : []),
    ...(items ? validateNode(items, `${path}.items`, 'array items') : []),
  ];
}

function validateList(schema: JsonSchema, path: string): FieldError[] {
  const kind = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const field = `${path}.x-kubernetes-list-map-keys`;
  const missing = keys.filter((key) => !schema.items?.properties?.[key]);
  const isKeyed = kind === 'map';
  return [
    ...(kind === undefined ? [] : oneOf(`${path}.x-kubernetes-list-type`, kind, listTypes)),
    ...(isKeyed && keys.length === 0
      ? [required(field, 'must not be empty if x-kubernetes-list-type is map')]
      : []),
    ...(isKeyed
      ? missing.map((key) =>
          invalidValue(`${field}[${keys.indexOf(key)}]`, key, 'entries must all be names of item properties'),
        )
      : []),
  ];
}

function patternErrors({ pattern }: JsonSchema, path: string): FieldError[] {
  if (pattern === undefined) return [];
  try {
    compileRegex(pattern);
    return [];
  } catch (error) {
    const why = `must be a valid regular expression, but isn't: ${(error as Error).message}`;
    return [invalidValue(`${path}.pattern`, pattern, why)];
  }
}

/** A default is what the schema itself would take. */
function defaultErrors(schema: JsonSchema, path: string): FieldError[] {
  if (schema.default === undefined || schema.default === null) return [];
  return validateValue(schema.default, schema, `${path}.default`);
}
