import type { ResourceDefinition } from './definition.ts';
import { fallback } from './pod-spec-defaults.ts';

export const endpoints: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  model: 'V1Endpoints',
  createOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  storageVersionHash: 'fWeeMqaN/OA=',
  setDefaults(object) {
    for (const subset of object.subsets ?? []) {
      for (const port of subset.ports ?? []) fallback(port, 'protocol', 'TCP');
    }
  },
};
