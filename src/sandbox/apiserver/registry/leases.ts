import type { ResourceDefinition } from './definition.ts';

export const leases: ResourceDefinition = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  model: 'V1Lease',
  storageVersionHash: 'gqkMMb/YqFM=',
  unconditionalUpdate: false,
  createOnUpdate: true,
};
