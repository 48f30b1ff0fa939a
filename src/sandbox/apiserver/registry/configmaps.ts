import { frozenFields } from '../validation/frozen.ts';
import { validateConfigMap } from '../validation/kept-data.ts';
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
  validate: validateConfigMap,
  validateUpdate: frozenFields,
  storageVersionHash: 'qFsyl6wFWjQ=',
};
