import type { ResourceDefinition } from './definition.ts';

export const nodes: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  model: 'V1Node',
  storageVersionHash: 'XwShjMxG9Fs=',
  hasStatus: true,
  subresources: [{ name: 'status', kind: 'Node', verbs: ['get', 'patch', 'update'] }],
  setDefaults(node) {
    node.spec ??= {};
    node.status ??= {};
    if (node.status.allocatable === undefined && node.status.capacity) {
      node.status.allocatable = { ...node.status.capacity };
    }
  },
  prepareUpdate(node, old) {
    node.status = old.status;
  },
  fields: (node) => ({ 'spec.unschedulable': String(node.spec?.unschedulable ?? false) }),
  fieldNames: ['spec.unschedulable'],
};
