import { validateReplicaSet, validateSelectorUpdate } from '../validation/workloads.ts';
import type { ResourceDefinition } from './definition.ts';
import { fallback } from './pod-spec-defaults.ts';
import { setTemplateDefaults } from './workload-defaults.ts';

export const replicasets: ResourceDefinition = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  model: 'V1ReplicaSet',
  storageVersionHash: 'P1RzHs8/mWQ=',
  hasStatus: true,
  counted: true,
  subresources: [
    { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
    { name: 'status', kind: 'ReplicaSet', verbs: ['get', 'patch', 'update'] },
  ],
  setDefaults(set) {
    setTemplateDefaults(set);
    fallback(set.spec, 'replicas', 1);
  },
  validate: validateReplicaSet,
  validateUpdate: validateSelectorUpdate,
  prepareCreate(set) {
    set.status = { replicas: 0 };
  },
};
