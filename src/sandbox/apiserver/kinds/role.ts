import type { V1PolicyRule } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../kubernetes.ts';
import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { column, nameColumn, type Printer } from '../table/printer.ts';
import { invalidValue, required } from '../validation/rules.ts';
import { validateLabelSelector } from '../validation/selectors.ts';
import type { ResourceDefinition } from './definition.ts';

type Rule = Unvalidated<V1PolicyRule>;

export const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', nameRule: 'path' as const };

/** Roles show when they were made as a time, which kubectl prints as it is. */
const table: Printer = {
  columns: [nameColumn, column('Created At', 'V1ObjectMeta.creationTimestamp', { type: 'date' })],
  row: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
};

export const roles: ResourceDefinition = {
  ...rbac,
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  namespaced: true,
  model: 'V1Role',
  atomic: ['V1RoleRef'],
  createOnUpdate: true,
  validate: validateRole,
  storageVersionHash: '7FuwZcIIItM=',
  table,
};

export const clusterroles: ResourceDefinition = {
  ...rbac,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  model: 'V1ClusterRole',
  createOnUpdate: true,
  validate: (role) => [...validateRole(role), ...validateAggregation(role)],
  storageVersionHash: 'bYE5ZWDrJ44=',
  table,
};

function validateRole({ metadata, rules }: KubeObject): FieldError[] {
  return ((rules ?? []) as Rule[]).flatMap((rule, index) =>
    validateRule(rule, `rules[${index}]`, metadata.namespace !== undefined),
  );
}

function validateRule(rule: Rule, path: string, isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { nonResourceURLs: urls = [], apiGroups = [], resources = [], resourceNames = [] } = rule;
  if (!rule.verbs?.length) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'));
  const wrongUrls = (why: string) => invalidValue(`${path}.nonResourceURLs`, urls, why);
  if (urls.length > 0) {
    if (isNamespaced) errors.push(wrongUrls('namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      errors.push(wrongUrls('rules cannot apply to both regular resources and non-resource URLs'));
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

/** A ClusterRole whose rules are those of others. */
function validateAggregation({ aggregationRule }: KubeObject): FieldError[] {
  if (!aggregationRule) return [];
  const field = 'aggregationRule.clusterRoleSelectors';
  const selectors: object[] = aggregationRule.clusterRoleSelectors ?? [];
  const why = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
  if (selectors.length === 0) return [required(field, why)];
  return selectors.flatMap((selector, index) => validateLabelSelector(`${field}[${index}]`, selector));
}
