import type { ResourceDefinition } from './definition.ts';
import { fallback } from './pod-spec-defaults.ts';

export const endpointslices: ResourceDefinition = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  model: 'V1EndpointSlice',
  storageVersionHash: 'qgS0xkrxYAI=',
  counted: true,
  setDefaults(slice) {
    for (const port of slice.ports ?? []) {
      fallback(port, 'name', '');
      fallback(port, 'protocol', 'TCP');
    }
  },
};
