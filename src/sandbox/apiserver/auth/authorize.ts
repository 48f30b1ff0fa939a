/** RBAC: which rules bind a user, and whether they allow an act (plugin/pkg/auth/authorizer/rbac). */
import type { V1PolicyRule } from '@kubernetes/client-node';
import type { Api, KubeObject } from '../../api.ts';
import type { User } from './authenticate.ts';

export type Rule = V1PolicyRule;

export interface Act {
  verb: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** Instead of a resource. */
  path?: string;
}

export interface Grant {
  rules: Rule[];
  /** As `SelfSubjectAccessReview` explains it. */
  by: string;
}

interface Subject {
  kind: string;
  name: string;
  namespace?: string;
}

const rbac = 'rbac.authorization.k8s.io';

/** The grants that hold for a user, in a namespace if one is given. */
export function grantsOf(api: Api, user: User, namespace?: string): Grant[] {
  const grants: Grant[] = [];
  for (const binding of api.list(`clusterrolebindings.${rbac}`)) {
    const subject = boundSubject(binding, user);
    if (!subject) continue;
    const by = `RBAC: allowed by ClusterRoleBinding "${binding.metadata.name}" of ClusterRole "${binding.roleRef.name}" to ${subject}`;
    grants.push({ rules: rulesOf(api, binding, undefined), by });
  }
  if (!namespace) return grants;
  for (const binding of api.list(`rolebindings.${rbac}`, { namespace })) {
    const subject = boundSubject(binding, user);
    if (!subject) continue;
    const where = `${binding.metadata.name}/${namespace}`;
    const by = `RBAC: allowed by RoleBinding "${where}" of ${binding.roleRef.kind} "${binding.roleRef.name}" to ${subject}`;
    grants.push({ rules: rulesOf(api, binding, namespace), by });
  }
  return grants;
}

function boundSubject(binding: KubeObject, user: User): string | undefined {
  for (const subject of (binding.subjects ?? []) as Subject[]) {
    if (subject.kind === 'User' && subject.name === user.name) return `User "${user.name}"`;
    if (subject.kind === 'Group' && user.groups.includes(subject.name)) return `Group "${subject.name}"`;
    const namespace = subject.namespace ?? binding.metadata.namespace;
    if (
      subject.kind === 'ServiceAccount' &&
      user.name === `system:serviceaccount:${namespace}:${subject.name}`
    ) {
      return `ServiceAccount "${subject.name}/${namespace}"`;
    }
  }
  return undefined;
}

function rulesOf(api: Api, binding: KubeObject, namespace: string | undefined): Rule[] {
  const { kind, name } = binding.roleRef as { kind: string; name: string };
  if (kind === 'Role') return (api.get(`roles.${rbac}`, namespace, name)?.rules ?? []) as Rule[];
  return (api.get(`clusterroles.${rbac}`, undefined, name)?.rules ?? []) as Rule[];
}

/** Why the act is allowed, or undefined if it is not. */
export function allowedBy(api: Api, user: User, act: Act): string | undefined {
  // Members of system:masters skip RBAC.
  if (user.groups.includes('system:masters')) return '';
  return grantsOf(api, user, act.namespace).find(({ rules }) => rules.some((rule) => allows(rule, act)))?.by;
}

const has = (list: string[] | undefined, value: string) =>
  list?.some((item) => item === '*' || item === value);

function allows(rule: Rule, act: Act): boolean {
  if (!has(rule.verbs, act.verb)) return false;
  if (act.path !== undefined) {
    const path = act.path;
    return (rule.nonResourceURLs ?? []).some(
      (url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))),
    );
  }
  if (!has(rule.apiGroups, act.group ?? '')) return false;
  const resource = act.subresource ? `${act.resource}/${act.subresource}` : (act.resource ?? '');
  const named =
    has(rule.resources, resource) || (act.subresource && rule.resources?.includes(`*/${act.subresource}`));
  if (!named) return false;
  return !rule.resourceNames?.length || rule.resourceNames.includes(act.name ?? '');
}
