import { column, nameColumn } from '../../table/printer.ts';
import { readable } from '../access.ts';
import type { ResourceDefinition } from '../definition.ts';
import { admitLimits, setDefaultResources } from './admission.ts';
import { validateLimitRange } from './validation.ts';

type Amounts = Record<string, string>;

export const limitranges: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  model: 'V1LimitRange',
  quantities: ['default', 'defaultRequest', 'max', 'maxLimitRequestRatio', 'min'].map(
    (field) => `V1LimitRangeItem.${field}`,
  ),
  access: readable,
  createOnUpdate: true,
  storageVersionHash: 'EBKMFVe6cwo=',
  setDefaults({ spec }) {
    for (const limit of spec?.limits ?? []) if (limit.type === 'Container') setLimitDefaults(limit);
  },
  onCreateOf: { pods: { admit: setDefaultResources, review: admitLimits } },
  validate: validateLimitRange,
  table: {
    columns: [nameColumn, column('Created At', 'V1ObjectMeta.creationTimestamp', { type: 'date' })],
    row: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
  },
};

/** SetDefaults_LimitRangeItem: a maximum is also the default limit, a default limit or a minimum the request. */
function setLimitDefaults(limit: { [field: string]: Amounts | undefined }): void {
  const filled = (...sources: (Amounts | undefined)[]) => Object.assign({}, ...sources.reverse()) as Amounts;
  const limits = filled(limit.default, limit.max);
  const requests = filled(limit.defaultRequest, limits, limit.min);
  if (Object.keys(limits).length > 0) limit.default = limits;
  if (Object.keys(requests).length > 0) limit.defaultRequest = requests;
}
