/** Rules of the scopes of a quota (pkg/apis/core/validation: validateResourceQuotaScopes). */
import type { V1ResourceQuotaSpec } from '@kubernetes/client-node';
import type { KubeObject } from '../../../api.ts';
import type { FieldError } from '../../status.ts';
import { invalidValue, required } from '../../validation/rules.ts';
import type { QuotaScope } from '../definition.ts';

const ofCompute = new Set([
  ...['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'],
]);

/** Names without a prefix that a quota may limit. */
const ofQuota = new Set([
  ...['ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage', 'requests.storage'],
  ...['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps'],
  ...['persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'],
]);

export const isOfQuota = (name: string) =>
  ofCompute.has(name) || ofQuota.has(name) || /^(requests\.)?hugepages-/.test(name);

const scopeNames = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
];

const conflicts: [string, string][] = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

/** Pods alone have scopes; those that ask for nothing can only be counted. */
function isLimitable(scope: string, name: string): boolean {
  if (!isOfQuota(name) || name === 'pods') return true;
  return scopeNames.includes(scope) && scope !== 'BestEffort' && ofCompute.has(name);
}

type QuotaSpec = V1ResourceQuotaSpec;

const names = ({ hard = {} }: QuotaSpec) => Object.keys(hard).sort();

function conflicting(scopes: string[], shown: string[] | null): FieldError[] {
  return conflicts
    .filter((pair) => pair.every((scope) => scopes.includes(scope)))
    .map(() => invalidValue('spec.scopes', shown, 'conflicting scopes'));
}

export function validateScopes(spec: KubeObject['spec']): FieldError[] {
  const field = 'spec.scopes';
  const scopes: string[] = spec.scopes ?? [];
  return [
    ...scopes.flatMap((scope) => [
      ...(scopeNames.includes(scope) ? [] : [invalidValue(field, scopes, 'unsupported scope')]),
      ...names(spec)
        .filter((name) => !isLimitable(scope, name))
        .map(() => invalidValue(field, scopes, 'unsupported scope applied to resource')),
    ]),
    ...conflicting(scopes, scopes),
  ];
}

const EXISTS_ONLY =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

/** The real server names the list, not the requirement, where one is wrong. */
export function validateScopeSelector(spec: KubeObject['spec']): FieldError[] {
  const list: QuotaScope[] = spec.scopeSelector?.matchExpressions ?? [];
  const field = 'spec.scopeSelector.matchExpressions';
  return [
    ...list.flatMap((one) => [
      ...(scopeNames.includes(one.scopeName)
        ? []
        : [invalidValue(`${field}.scopeName`, one.scopeName, 'unsupported scope')]),
      ...names(spec)
        .filter((name) => !isLimitable(one.scopeName, name))
        .map(() => invalidValue(field, spec.scopeSelector, 'unsupported scope applied to resource')),
      ...validateOperator(one, field),
    ]),
    ...conflicting(
      list.map(({ scopeName }) => scopeName),
      spec.scopes ?? null,
    ),
  ];
}

function validateOperator({ scopeName, operator, values = [] }: QuotaScope, field: string): FieldError[] {
  const isPlain = scopeNames.includes(scopeName) && scopeName !== 'PriorityClass';
  const errors =
    isPlain && operator !== 'Exists' ? [invalidValue(`${field}.operator`, operator, EXISTS_ONLY)] : [];
  if (operator === 'In' || operator === 'NotIn') {
    const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    return values.length > 0 ? errors : [...errors, required(`${field}.values`, why)];
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    return values.length === 0 ? errors : [...errors, invalidValue(`${field}.values`, values, why)];
  }
  return [...errors, invalidValue(`${field}.operator`, operator, 'not a valid selector operator')];
}
