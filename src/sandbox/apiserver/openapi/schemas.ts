/** OpenAPI schemas of the typed models, with the extensions that kubectl reads. */

import { listTypes, quantityFields } from '../kinds/fields.ts';
import { definitions } from '../kinds/kinds.ts';
import { type FieldModel, modelOf, shapeOf } from '../schema/models.ts';

type Schema = Record<string, unknown>;

const machinery = 'io.k8s.apimachinery.pkg';

/** Models of apimachinery: they stand in another package than the kinds. */
const meta = new Set([
  ...['ObjectMeta', 'ListMeta', 'OwnerReference', 'ManagedFieldsEntry', 'LabelSelector'],
  ...['LabelSelectorRequirement', 'DeleteOptions', 'Preconditions', 'Status', 'StatusDetails', 'StatusCause'],
  ...['Condition', 'FieldSelectorRequirement'],
]);

const scalars: Record<string, [name: string, schema: Schema]> = {
  IntOrString: [
    `${machinery}.util.intstr.IntOrString`,
    {
      description: 'IntOrString holds an integer or a string.',
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    },
  ],
  Quantity: [
    `${machinery}.api.resource.Quantity`,
    {
      description: 'Quantity is a fixed-point representation of a number, such as 500m or 128Mi.',
      oneOf: [{ type: 'string' }, { type: 'number' }],
    },
  ],
  Date: [
    `${machinery}.apis.meta.v1.Time`,
    { type: 'string', format: 'date-time', description: 'Time to the second.' },
  ],
  FieldsV1: [
    `${machinery}.apis.meta.v1.FieldsV1`,
    { type: 'object', description: 'FieldsV1 stores a set of fields in a data structure like a Trie.' },
  ],
  V1MicroTime: [
    `${machinery}.apis.meta.v1.MicroTime`,
    { type: 'string', format: 'date-time', description: 'Time to the microsecond.' },
  ],
};

/** The name of a model's schema: `io.k8s.api.apps.v1.Deployment`. */
export function schemaName(model: string): string {
  const plain = model.replace(/^(Authentication|Core|Discovery|Events|Rbac)?V1/, '');
  if (meta.has(plain)) return `${machinery}.apis.meta.v1.${plain}`;
  return `io.k8s.api.${packageOf(model)}.v1.${plain}`;
}

const packages = new Map<string, string>();

/** The package of a model is that of the kind which it is part of; parts of several kinds are of core. */
function packageOf(model: string): string {
  if (packages.size === 0) {
    for (const definition of [...definitions].sort((a, b) => (a.group < b.group ? -1 : 1))) {
      const name = definition.group.split('.')[0] || 'core';
      for (const part of partsOf(definition.model)) if (!packages.has(part)) packages.set(part, name);
    }
  }
  return packages.get(model) ?? 'core';
}

/** A model and all models that it refers to. */
function partsOf(root: string, found = new Set<string>()): Set<string> {
  const model = modelOf(root);
  if (!model || found.has(root)) return found;
  found.add(root);
  for (const { type } of Object.values(model.fields)) partsOf(elementOf(type), found);
  return found;
}

function elementOf(type: string): string {
  const shape = shapeOf(type);
  if (shape.is === 'list' || shape.is === 'map') return elementOf(shape.of);
  return shape.name;
}

/** Every schema that the given models need, by name. */
export function schemasOf(models: string[]): Record<string, Schema> {
  const parts = new Set(models.flatMap((model) => [...partsOf(model)]));
  const result: Record<string, Schema> = {};
  for (const part of [...parts].sort()) result[schemaName(part)] = modelSchema(part);
  for (const [name, schema] of Object.values(scalars)) result[name] = schema;
  return result;
}

function modelSchema(name: string): Schema {
  const model = modelOf(name)!;
  const required = Object.keys(model.fields).filter((field) => model.fields[field]!.required);
  const kinds = definitions.filter((definition) => definition.model === name);
  return {
    type: 'object',
    description: model.description,
    properties: Object.fromEntries(
      Object.entries(model.fields).map(([field, inner]) => [field, fieldSchema(name, field, inner)]),
    ),
    ...(required.length > 0 ? { required } : {}),
    ...(kinds.length > 0
      ? {
          'x-kubernetes-group-version-kind': kinds.map(({ group, version, kind }) => ({
            group,
            kind,
            version,
          })),
        }
      : {}),
  };
}

function fieldSchema(model: string, field: string, inner: FieldModel): Schema {
  const schema = typeSchema(fieldType(model, field, inner), inner.format);
  const { merge: key, retainKeys } = listTypes.get(`${model}.${field}`) ?? {};
  const isReference = '$ref' in schema;
  return {
    ...(isReference ? { allOf: [schema] } : schema),
    ...(inner.description ? { description: inner.description } : {}),
    ...(key === undefined
      ? {}
      : { 'x-kubernetes-patch-strategy': retainKeys ? 'merge,retainKeys' : 'merge' }),
    ...(key ? { 'x-kubernetes-patch-merge-key': key } : {}),
  };
}

/** The client has no names for some types. */
function fieldType(model: string, field: string, { type }: FieldModel): string {
  if (`${model}.${field}` === 'V1ManagedFieldsEntry.fieldsV1') return 'FieldsV1';
  if (!quantityFields.has(`${model}.${field}`)) return type;
  return type.replace('string;', 'Quantity;').replace(/^string$/, 'Quantity');
}

function typeSchema(type: string, format?: string): Schema {
  const shape = shapeOf(type);
  if (shape.is === 'list') return { type: 'array', items: wrapped(typeSchema(shape.of, format)) };
  if (shape.is === 'map')
    return { type: 'object', additionalProperties: wrapped(typeSchema(shape.of, format)) };
  if (shape.is === 'model') return { $ref: `#/components/schemas/${schemaName(shape.name)}` };
  const scalar = scalars[shape.name];
  if (scalar) return { $ref: `#/components/schemas/${scalar[0]}` };
  if (shape.name === 'number') return { type: 'integer', ...(format ? { format } : {}) };
  if (shape.name === 'boolean') return { type: 'boolean' };
  if (shape.name === 'string') return { type: 'string', ...(format ? { format } : {}) };
  return { type: 'object' };
}

const wrapped = (schema: Schema): Schema => ('$ref' in schema ? { allOf: [schema], default: {} } : schema);
