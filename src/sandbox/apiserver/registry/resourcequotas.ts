import { validateQuota, validateQuotaUpdate } from '../validation/quota.ts';
import type { ResourceDefinition } from './definition.ts';

export const resourcequotas: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  model: 'V1ResourceQuota',
  storageVersionHash: '8uhSgffRX6w=',
  hasStatus: true,
  subresources: [{ name: 'status', kind: 'ResourceQuota', verbs: ['get', 'patch', 'update'] }],
  prepareCreate(quota) {
    quota.status = {};
  },
  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
};
