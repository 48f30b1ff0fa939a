import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { ageColumn, column, created, nameColumn } from '../table/printer.ts';
import { forbiddenValue, invalidValue, nonNegative } from '../validation/rules.ts';
import { editable } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

export const leases: ResourceDefinition = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  model: 'V1Lease',
  zeros: { kept: ['V1LeaseSpec.holderIdentity', 'V1LeaseSpec.preferredHolder'] },
  access: editable,
  storageVersionHash: 'gqkMMb/YqFM=',
  unconditionalUpdate: false,
  createOnUpdate: true,
  validate: validateLease,
  table: {
    columns: [nameColumn, column('Holder', 'V1LeaseSpec.holderIdentity'), ageColumn],
    row: (lease, now) => [lease.metadata.name, lease.spec?.holderIdentity ?? '', created(lease, now)],
  },
};

function validateLease({ spec = {} }: KubeObject): FieldError[] {
  const { leaseDurationSeconds: seconds, leaseTransitions, preferredHolder, strategy } = spec;
  const field = 'spec.leaseDurationSeconds';
  const alone = 'may only be specified if `strategy` is defined';
  return [
    ...(seconds !== undefined && seconds <= 0
      ? [invalidValue(field, seconds, 'must be greater than 0')]
      : []),
    ...nonNegative('spec.leaseTransitions', leaseTransitions),
    ...(preferredHolder && !strategy ? [forbiddenValue('spec.preferredHolder', alone)] : []),
  ];
}
