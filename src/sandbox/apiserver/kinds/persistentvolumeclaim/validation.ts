/** Rules of claims (pkg/apis/core/validation: ValidatePersistentVolumeClaimSpec). */
import { compareQuantities, parseQuantity } from '../../../../quantity.ts';
import type { KubeObject } from '../../../api.ts';
import { clone, same } from '../../json.ts';
import { type FieldError, forbidden } from '../../status.ts';
import {
  dnsSubdomain,
  forbiddenValue,
  immutable,
  invalidValue,
  oneOf,
  required,
} from '../../validation/rules.ts';
import { validateLabelSelector } from '../../validation/selectors.ts';
import { accessModes } from './access-modes.ts';

/** `path` is where the spec stands: also in the templates of a StatefulSet. */
export function validateClaimSpec(spec: KubeObject['spec'], path: string): FieldError[] {
  const storage: string | undefined = spec.resources?.requests?.storage;
  const { storageClassName, volumeMode, dataSource, dataSourceRef } = spec;
  return [
    ...(spec.accessModes?.length
      ? []
      : [required(`${path}.accessModes`, 'at least 1 access mode is required')]),
    ...validateLabelSelector(`${path}.selector`, spec.selector),
    ...accessModes(`${path}.accessModes`, spec.accessModes ?? []),
    ...validateSize(`${path}.resources[storage]`, storage),
    ...(storageClassName ? dnsSubdomain(`${path}.storageClassName`, storageClassName) : []),
    ...(volumeMode === undefined ? [] : oneOf(`${path}.volumeMode`, volumeMode, ['Block', 'Filesystem'])),
    ...(dataSource ? validateSource(`${path}.dataSource`, dataSource) : []),
    ...(dataSourceRef ? validateSource(`${path}.dataSourceRef`, dataSourceRef) : []),
  ];
}

function validateSize(field: string, storage: string | undefined): FieldError[] {
  if (storage === undefined) return [required(field)];
  if ((parseQuantity(storage)?.nanos ?? 0n) > 0n) return [];
  return [invalidValue(field, storage, 'must be greater than zero')];
}

/** What a new volume is filled with. */
function validateSource(field: string, { apiGroup = '', kind = '', name }: KubeObject['spec']): FieldError[] {
  const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
  return [
    ...(name ? [] : [required(`${field}.name`)]),
    ...(kind ? [] : [required(`${field}.kind`)]),
    ...(apiGroup || kind === 'PersistentVolumeClaim' ? [] : [invalidValue(field, kind, why)]),
    ...(apiGroup ? dnsSubdomain(`${field}.apiGroup`, apiGroup) : []),
  ];
}

/** A claim may be given its volume once; a volume cannot grow here. */
export function validateClaimUpdate(claim: KubeObject, before: KubeObject): FieldError[] {
  const { spec } = claim;
  const { spec: old, status } = before;
  const comparable = clone(spec);
  if (!old.volumeName && spec.volumeName) delete comparable.volumeName;
  const isBound = status?.phase === 'Bound';
  const size = spec.resources?.requests?.storage ?? '0';
  const errors: FieldError[] = [];
  if (isBound && !same({ ...comparable, resources: old.resources }, old)) errors.push(frozen);
  if (!isBound && !same(comparable, old)) errors.push(frozen);
  if (compareQuantities(size, old.resources?.requests?.storage ?? '0') < 0) {
    const why = 'field can not be less than status.capacity';
    if (compareQuantities(size, status?.capacity?.storage ?? '0') <= 0)
      errors.push(forbiddenValue('spec.resources.requests.storage', why));
  } else if (errors.length === 0 && !same(spec.resources, old.resources)) {
    throw forbidden(
      { plural: 'persistentvolumeclaims', group: '' },
      claim.metadata.name,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  }
  if (spec.volumeMode !== old.volumeMode) errors.push(immutable('volumeMode', spec.volumeMode));
  return errors;
}

const frozen = forbiddenValue(
  'spec',
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
);
