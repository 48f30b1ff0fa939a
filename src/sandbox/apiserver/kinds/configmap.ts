import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { ageColumn, column, created, nameColumn, size } from '../table/printer.ts';
import { bytesOf, frozenFields, keyErrors, limit } from '../validation/kept-data.ts';
import { invalidValue, tooLong } from '../validation/rules.ts';
import { editable } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

export const configmaps: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  model: 'V1ConfigMap',
  quota: { plainName: true },
  access: editable,
  validate: validateConfigMap,
  validateUpdate: frozenFields,
  storageVersionHash: 'qFsyl6wFWjQ=',
  table: {
    columns: [nameColumn, column('Data', 'V1ConfigMap.data'), ageColumn],
    row: (map, now) => [map.metadata.name, size(map.data) + size(map.binaryData), created(map, now)],
  },
};

function validateConfigMap({ data = {}, binaryData = {} }: KubeObject): FieldError[] {
  const twice = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
  return [
    ...keyErrors('data', data),
    ...twice.map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...keyErrors('binaryData', binaryData),
    ...(bytesOf(data, 'utf8') + bytesOf(binaryData, 'base64') > limit ? [tooLong('[]', limit)] : []),
  ];
}
