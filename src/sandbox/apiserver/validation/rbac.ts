/** Rules of Roles and their bindings (pkg/apis/rbac/validation). */
import type { KubeObject } from '../../api.ts';
import { same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { invalidValue, oneOf, required } from './rules.ts';

const group = 'rbac.authorization.k8s.io';

interface Rule {
  verbs?: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

export function validateRole({ metadata, rules }: KubeObject): FieldError[] {
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

interface Subject {
  kind: string;
  name: string;
  apiGroup?: string;
  namespace?: string;
}

export function validateBinding({ metadata, roleRef, subjects }: KubeObject): FieldError[] {
  const isNamespaced = metadata.namespace !== undefined;
  const kinds = isNamespaced ? ['ClusterRole', 'Role'] : ['ClusterRole'];
  return [
    ...oneOf('roleRef.apiGroup', roleRef.apiGroup, [group]),
    ...oneOf('roleRef.kind', roleRef.kind, kinds),
    ...(roleRef.name ? [] : [required('roleRef.name')]),
    ...((subjects ?? []) as Subject[]).flatMap((subject, index) =>
      validateSubject(subject, `subjects[${index}]`, isNamespaced),
    ),
  ];
}

function validateSubject(
  { kind, name, apiGroup = '', namespace }: Subject,
  path: string,
  isNamespaced: boolean,
): FieldError[] {
  const isAccount = kind === 'ServiceAccount';
  const isPerson = kind === 'User' || kind === 'Group';
  return [
    ...(name ? [] : [required(`${path}.name`)]),
    ...(isAccount ? oneOf(`${path}.apiGroup`, apiGroup, ['']) : []),
    ...(isAccount && !isNamespaced && !namespace ? [required(`${path}.namespace`)] : []),
    ...(isPerson ? oneOf(`${path}.apiGroup`, apiGroup, [group]) : []),
    ...oneOf(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']),
  ];
}

/** What a binding gives stays; who has it may change. */
export function validateBindingUpdate({ roleRef }: KubeObject, old: KubeObject): FieldError[] {
  return same(roleRef, old.roleRef) ? [] : [invalidValue('roleRef', roleRef, 'cannot change roleRef')];
}
