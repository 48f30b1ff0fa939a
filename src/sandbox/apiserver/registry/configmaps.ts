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
  storageVersionHash: 'qFsyl6wFWjQ=',
};
