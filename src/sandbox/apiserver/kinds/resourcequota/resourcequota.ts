import { parseQuantity } from '../../../../quantity.ts';
import type { KubeObject } from '../../../api.ts';
import { same } from '../../json.ts';
import type { FieldError } from '../../status.ts';
import { age } from '../../table/duration.ts';
import { ageColumn, column, nameColumn } from '../../table/printer.ts';
import { resourceName } from '../../validation/resource-names.ts';
import { immutable, invalidValue } from '../../validation/rules.ts';
import { readable, status } from '../access.ts';
import type { ResourceDefinition } from '../definition.ts';
import { isOfQuota, validateScopeSelector, validateScopes } from './scopes.ts';

type Amounts = Record<string, string>;

const counted =
  /^(count\/.*|pods|services(\..*)?|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims)$/;

export const resourcequotas: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  model: 'V1ResourceQuota',
  quota: { plainName: true },
  quantities: ['V1ResourceQuotaSpec.hard', 'V1ResourceQuotaStatus.hard', 'V1ResourceQuotaStatus.used'],
  // As a platform team does, and not `edit`: what limits a team is not the team's to change.
  access: { ...readable, oncall: ['patch', 'update'] },
  storageVersionHash: '8uhSgffRX6w=',
  hasStatus: true,
  subresources: [status('ResourceQuota')],
  prepareCreate(quota) {
    quota.status = {};
  },
  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
  table: {
    columns: [
      nameColumn,
      column('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.'),
      column(
        'Limit',
        'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
      ),
      ageColumn,
    ],
    row: (quota, now) => [
      quota.metadata.name,
      usage(quota, (name) => !name.startsWith('limits')),
      usage(quota, (name) => name.startsWith('limits')),
      age(quota.metadata.creationTimestamp, now),
    ],
  },
};

function validateQuota({ spec = {} }: KubeObject): FieldError[] {
  const hard: Amounts = spec.hard ?? {};
  const errors = Object.entries(hard).flatMap(([name, value]) =>
    validateHard(`spec.hard[${name}]`, name, value),
  );
  return [...errors, ...validateScopes(spec), ...validateScopeSelector(spec)];
}

function validateQuotaUpdate({ spec = {} }: KubeObject, old: KubeObject): FieldError[] {
  const scopes = [...(spec.scopes ?? [])].sort();
  return same(scopes, [...(old.spec?.scopes ?? [])].sort())
    ? []
    : [immutable('spec.scopes', spec.scopes ?? null)];
}

function usage({ status }: KubeObject, isShown: (name: string) => boolean): string {
  const hard: Record<string, string> = status?.hard ?? {};
  const names = Object.keys(hard).filter(isShown).sort();
  return names.map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${hard[name]}`).join(', ');
}

function validateHard(field: string, name: string, value: string): FieldError[] {
  const errors = resourceName(field, name);
  if (!name.includes('/') && !isOfQuota(name)) {
    errors.push(invalidValue(field, name, 'must be a standard resource for quota'));
  }
  const nanos = parseQuantity(value)?.nanos ?? 0n;
  if (nanos < 0n) errors.push(invalidValue(field, value, 'must be greater than or equal to 0'));
  if (counted.test(name) && nanos % 1_000_000_000n !== 0n)
    errors.push(invalidValue(field, value, 'must be an integer'));
  return errors;
}
