import type { ResourceDefinition } from './definition.ts';

export const namespaces: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  model: 'V1Namespace',
  storageVersionHash: 'Q3oi5N2YM8M=',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  hasStatus: true,
  nameRule: 'label',
  subresources: [
    { name: 'finalize', kind: 'Namespace', verbs: ['update'] },
    { name: 'status', kind: 'Namespace', verbs: ['get', 'patch', 'update'] },
  ],
  setDefaults(namespace) {
    if (!namespace.metadata.name) return;
    namespace.metadata.labels = {
      ...namespace.metadata.labels,
      'kubernetes.io/metadata.name': namespace.metadata.name,
    };
  },
  prepareCreate(namespace) {
    namespace.status = { phase: 'Active' };
    namespace.spec = { ...namespace.spec, finalizers: ['kubernetes'] };
  },
  prepareUpdate(namespace, old) {
    namespace.spec = old.spec;
    namespace.status = old.status;
  },
  fields: (namespace) => ({ 'status.phase': namespace.status?.phase ?? '', name: namespace.metadata.name }),
  fieldNames: ['status.phase', 'name'],
};
