import { atOnce } from '../../at-once.ts';
import type { AccessRule, Cluster, Permission, PermissionNeed } from '../cluster.ts';
import { groupOf } from '../ref.ts';
import type { Finding } from './opened.ts';

/** `patch configmaps edge-upstreams in shop`, as kubectl auth can-i would be asked. */
export function formatPermission({
  verb,
  group,
  resource,
  subresource,
  namespace,
  name,
}: Permission): string {
  const kind = `${resource}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`;
  return `${verb} ${kind}${name ? ` ${name}` : ''}${namespace ? ` in ${namespace}` : ''}`;
}

/** One entry a verb, the plural found by discovery, nothing twice. */
export async function resolvePermissions(
  needs: readonly PermissionNeed[],
  cluster: Pick<Cluster, 'kind'>,
): Promise<Permission[]> {
  const permissions = new Map<string, Permission>();
  for (const { verbs, kind, group, namespace, name, subresource } of needs) {
    const found = await cluster.kind({ kind, group });
    for (const verb of verbs) {
      const permission: Permission = {
        verb,
        group: groupOf(found.apiVersion),
        resource: found.resource,
        ...(subresource !== undefined && { subresource }),
        ...(found.namespaced && namespace !== undefined && { namespace }),
        // RBAC cannot tie create to a name: the object has none yet. A list is of all.
        ...(name !== undefined && !['create', 'list', 'watch'].includes(verb) && { name }),
      };
      permissions.set(formatPermission(permission), permission);
    }
  }
  return [...permissions.values()];
}

type Asked = Pick<Cluster, 'can' | 'rules'>;

/** A refusal for each permission that the API server says is not there. Throws ClusterError. */
export async function missingPermissions(
  permissions: readonly Permission[],
  cluster: Asked,
  signal?: AbortSignal,
): Promise<Finding[]> {
  return (await lackingPermissions(permissions, cluster, signal)).map((permission) => ({
    code: 'missing-permission',
    message: `The permission to ${formatPermission(permission)} is missing.`,
  }));
}

/**
 * Those of the permissions that the API server says are not there, in their order. What the rules of a namespace
 * plainly grant is not asked again one by one; that something is lacking is only believed of a review of its own.
 * Throws ClusterError.
 */
export async function lackingPermissions(
  permissions: readonly Permission[],
  cluster: Asked,
  signal?: AbortSignal,
): Promise<Permission[]> {
  const rules = await namespaceRules(permissions, cluster, signal);
  const open = permissions.filter(
    (permission) => !rules.get(permission.namespace)?.some((rule) => grants(rule, permission)),
  );
  const answers = await atOnce(open, (permission) => cluster.can(permission, signal));
  return open.filter((_, index) => !answers[index]);
}

/** By namespace, for those where one answer stands for several questions. */
async function namespaceRules(
  permissions: readonly Permission[],
  cluster: Asked,
  signal: AbortSignal | undefined,
): Promise<Map<string | undefined, AccessRule[]>> {
  const places = permissions.flatMap(({ namespace }) => namespace ?? []);
  const several = [...new Set(places)].filter((place) => places.indexOf(place) !== places.lastIndexOf(place));
  const answers = await atOnce(several, (namespace) => cluster.rules(namespace, signal));
  return new Map(several.map((namespace, index) => [namespace, answers[index] ?? []]));
}

/** As RBAC decides: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources */
function grants(rule: AccessRule, { verb, group, resource, subresource, name }: Permission): boolean {
  const has = (values: readonly string[], ...wanted: string[]) =>
    values.includes('*') || wanted.some((value) => values.includes(value));
  const resources = subresource ? [`${resource}/${subresource}`, `*/${subresource}`] : [resource];
  return (
    has(rule.verbs, verb) &&
    has(rule.groups, group) &&
    has(rule.resources, ...resources) &&
    (rule.names.length === 0 || (name !== undefined && rule.names.includes(name)))
  );
}
