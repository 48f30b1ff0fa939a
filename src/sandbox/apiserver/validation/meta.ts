/** Rules of metadata that hold for every kind (apimachinery/pkg/api/validation/objectmeta.go). */
import type { KubeObject } from '../../api.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import type { FieldError } from '../status.ts';

export function validateMeta(_definition: ResourceDefinition, object: KubeObject): FieldError[] {
  if (object.metadata.name) return [];
  return [
    { type: 'Required', field: 'metadata.name', message: 'Required value: name or generateName is required' },
  ];
}

export function validateMetaUpdate(
  _definition: ResourceDefinition,
  _object: KubeObject,
  _old: KubeObject,
): FieldError[] {
  return [];
}
