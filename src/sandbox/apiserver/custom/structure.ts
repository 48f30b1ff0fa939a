/** How server-side apply tells the parts of custom objects apart (kube-openapi's schemaconv). */
import { structureOf } from '../apply/field-paths.ts';
import type { Structure } from '../apply/structure.ts';
import { type JsonSchema, valuesOf } from './json-schema.ts';

const leaf: Structure = { is: 'leaf' };

/** What no schema describes: objects by their fields, all else as a whole. */
const untyped: Structure = { is: 'fields', child: () => untyped };

/** Of a whole object: its metadata is that of every kind. */
export function customStructure(schema: JsonSchema): Structure {
  const inside = fromSchema(schema);
  return {
    is: 'fields',
    child(key) {
      if (key === 'metadata') return structureOf('V1ObjectMeta');
      return inside.is === 'fields' ? inside.child(key) : leaf;
    },
  };
}

function fromSchema(schema: JsonSchema | undefined): Structure {
  if (!schema) return untyped;
  const { type, properties = {}, items } = schema;
  if (type === 'array') {
    const kind = schema['x-kubernetes-list-type'];
    if (kind === 'set') return { is: 'set' };
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    return kind === 'map' && items ? { is: 'keyed', keys, item: fromSchema(items) } : leaf;
  }
  if (type !== 'object') return schema['x-kubernetes-preserve-unknown-fields'] ? untyped : leaf;
  if (schema['x-kubernetes-map-type'] === 'atomic') return leaf;
  const values = valuesOf(schema);
  return {
    is: 'fields',
    child: (key) => fromSchema(Object.hasOwn(properties, key) ? properties[key] : values),
  };
}
