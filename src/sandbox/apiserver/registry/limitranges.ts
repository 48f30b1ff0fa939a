import { validateLimitRange } from '../validation/quota.ts';
import type { ResourceDefinition } from './definition.ts';

export const limitranges: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  model: 'V1LimitRange',
  createOnUpdate: true,
  storageVersionHash: 'EBKMFVe6cwo=',
  setDefaults({ spec }) {
    for (const limit of spec?.limits ?? []) if (limit.type === 'Container') setLimitDefaults(limit);
  },
  validate: validateLimitRange,
};

type Amounts = Record<string, string>;

/** SetDefaults_LimitRangeItem: a maximum is also the default limit, a default limit or a minimum the request. */
function setLimitDefaults(limit: { [field: string]: Amounts | undefined }): void {
  const filled = (...sources: (Amounts | undefined)[]) => Object.assign({}, ...sources.reverse()) as Amounts;
  const limits = filled(limit.default, limit.max);
  const requests = filled(limit.defaultRequest, limits, limit.min);
  if (Object.keys(limits).length > 0) limit.default = limits;
  if (Object.keys(requests).length > 0) limit.defaultRequest = requests;
}
