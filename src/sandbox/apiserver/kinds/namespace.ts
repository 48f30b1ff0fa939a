import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn } from '../table/printer.ts';
import { readable, status } from './access.ts';
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
  // It is only marked, and goes when its controller has emptied it (registry/core/namespace/storage).
  deletion: {
    isHeld: ({ spec }) => Boolean(spec?.finalizers?.length),
    mark(namespace) {
      namespace.status = { ...namespace.status, phase: 'Terminating' };
      delete namespace.metadata.deletionGracePeriodSeconds;
    },
    plain: true,
  },
  lists: {
    'V1NamespaceStatus.conditions': { merge: 'type' },
  },
  access: readable,
  storageVersionHash: 'Q3oi5N2YM8M=',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  hasStatus: true,
  nameRule: 'label',
  subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }, status('Namespace')],
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
  table: {
    columns: [nameColumn, column('Status', 'The status of the namespace'), ageColumn],
    row: ({ metadata, status }, now) => [
      metadata.name,
      status?.phase ?? '',
      age(metadata.creationTimestamp, now),
    ],
  },
};
