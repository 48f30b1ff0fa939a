import type { V1PolicyRule } from '@kubernetes/client-node';
import type { Filled } from '../../kubernetes.ts';
import type { ClusterObject, Permission } from '../cluster.ts';
import { formatPermission } from './permissions.ts';

const rbac = 'rbac.authorization.k8s.io';

/** Who gets the rights, as `kubectl create rolebinding` would name them. */
export type Subject =
  | { kind: 'User' | 'Group'; name: string }
  | { kind: 'ServiceAccount'; namespace: string; name: string };

type Rule = Filled<V1PolicyRule, 'apiGroups' | 'resources'>;

/**
 * Exactly these permissions as RBAC objects: a Role and its binding a namespace, a ClusterRole for what has none.
 * Verbs on the same object share a rule, objects with the same verbs share one too.
 */
export function rolesFor(
  permissions: readonly Permission[],
  name: string,
  subject: Subject,
): ClusterObject[] {
  const scopes = new Map<string, Permission[]>();
  for (const permission of permissions) {
    const scope = permission.namespace ?? '';
    scopes.set(scope, [...(scopes.get(scope) ?? []), permission]);
  }
  return [...scopes].sort(byKey).flatMap(([namespace, inside]) => {
    const [kind, metadata] = namespace ? ['Role', { name, namespace }] : ['ClusterRole', { name }];
    const apiVersion = `${rbac}/v1`;
    const role: ClusterObject = { apiVersion, kind, metadata, rules: rulesFor(inside) };
    const binding: ClusterObject = {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: rbac, kind, name },
      subjects: [subject.kind === 'ServiceAccount' ? subject : { apiGroup: rbac, ...subject }],
    };
    return [role, binding];
  });
}

/** Those of the permissions that none of these Roles and ClusterRoles gives. */
export function notGiven(permissions: readonly Permission[], roles: readonly ClusterObject[]): Permission[] {
  const rules = roles.flatMap(({ metadata, rules = [] }) =>
    (rules as Rule[]).map((rule) => ({ ...rule, namespace: metadata.namespace })),
  );
  const has = (list: string[], wanted: string) => list.includes(wanted) || list.includes('*');
  return permissions.filter(({ verb, group, resource, subresource, namespace, name }) => {
    const path = subresource ? `${resource}/${subresource}` : resource;
    return !rules.some(
      (rule) =>
        (rule.namespace === undefined || rule.namespace === namespace) &&
        has(rule.verbs, verb) &&
        has(rule.apiGroups, group) &&
        has(rule.resources, path) &&
        (!rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name))),
    );
  });
}

function rulesFor(permissions: readonly Permission[]): Rule[] {
  const verbs = new Map<string, Set<string>>();
  for (const { group, resource, subresource, name, verb } of withoutCovered(permissions)) {
    const target = JSON.stringify([group, subresource ? `${resource}/${subresource}` : resource, name ?? '']);
    verbs.set(target, (verbs.get(target) ?? new Set()).add(verb));
  }
  const rules = new Map<string, Rule>();
  for (const [target, allowed] of [...verbs].sort(byKey)) {
    const [group, resource, name] = JSON.parse(target) as [string, string, string];
    const list = [...allowed].sort();
    const same = JSON.stringify([group, name, list]);
    const rule = rules.get(same);
    if (rule) rule.resources.push(resource);
    else
      rules.set(same, {
        apiGroups: [group],
        resources: [resource],
        ...(name && { resourceNames: [name] }),
        verbs: list,
      });
  }
  return [...rules.values()];
}

/** Without what is allowed on one object and on every object as well. */
function withoutCovered(permissions: readonly Permission[]): Permission[] {
  const all = new Set(permissions.map(formatPermission));
  return permissions.filter((one) => !one.name || !all.has(formatPermission({ ...one, name: undefined })));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
