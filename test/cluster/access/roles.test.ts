import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notGiven, rolesFor } from '../../../src/cluster/access/roles.ts';
import type { Permission } from '../../../src/cluster/cluster.ts';

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

const permission: fc.Arbitrary<Permission> = fc.record(
  {
    verb: fc.constantFrom('get', 'list', 'patch', 'create'),
    group: fc.constantFrom('', 'apps', 'batch'),
    resource: fc.constantFrom('pods', 'jobs'),
    subresource: fc.constantFrom('log', 'scale'),
    namespace: fc.constantFrom('shop', 'batch'),
    name: fc.constantFrom('a', 'b'),
  },
  { requiredKeys: ['verb', 'group', 'resource'] },
);

const mara = { kind: 'User', name: 'mara' } as const;

/** As RBAC decides: a rule without names is for every object. */
function allows(roles: ReturnType<typeof rolesFor>, wanted: Permission): boolean {
  const { verb, group, resource, subresource, namespace, name } = wanted;
  return roles.some(
    ({ kind, metadata, rules }) =>
      kind === (namespace ? 'Role' : 'ClusterRole') &&
      metadata.namespace === namespace &&
      (rules as Rule[]).some(
        (rule) =>
          rule.apiGroups.includes(group) &&
          rule.resources.includes(subresource ? `${resource}/${subresource}` : resource) &&
          rule.verbs.includes(verb) &&
          (!rule.resourceNames || (name !== undefined && rule.resourceNames.includes(name))),
      ),
  );
}

/** Whether a permission that was given is enough for another: one without a namespace or a name is for all. */
const covers = (wanted: Permission) => (given: Permission) =>
  (['verb', 'group', 'resource', 'subresource'] as const).every((key) => given[key] === wanted[key]) &&
  (['namespace', 'name'] as const).every((key) => given[key] === undefined || given[key] === wanted[key]);

describe('Roles made of permissions', () => {
  it('allow each of them and nothing else', () => {
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 12 }), permission, (given, other) => {
        const roles = rolesFor(given, 'game-days', mara);
        for (const one of given) expect(allows(roles, one)).toBe(true);
        const same = (one: Permission) =>
          (['verb', 'group', 'resource', 'subresource', 'namespace'] as const).every(
            (key) => one[key] === other[key],
          ) &&
          (one.name === undefined || one.name === other.name);
        expect(allows(roles, other)).toBe(given.some(same));
      }),
    );
  });

  it('have no rule for one object that is allowed on every object', () => {
    const jobs = { verb: 'get', group: 'batch', resource: 'jobs', namespace: 'batch' };
    const roles = rolesFor(
      [{ ...jobs, name: 'a' }, jobs, { ...jobs, verb: 'delete', name: 'a' }],
      'game-days',
      mara,
    );
    expect(roles[0]?.rules).toEqual([
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'] },
      { apiGroups: ['batch'], resources: ['jobs'], resourceNames: ['a'], verbs: ['delete'] },
    ]);
  });

  it('are known not to give what they do not', () => {
    fc.assert(
      fc.property(
        fc.array(permission, { maxLength: 12 }),
        fc.array(permission, { maxLength: 6 }),
        (given, wanted) => {
          const roles = rolesFor(given, 'game-days', mara);
          expect(notGiven(wanted, roles)).toEqual(wanted.filter((one) => !given.some(covers(one))));
        },
      ),
    );
  });

  it('are a Role and its binding a namespace, and a ClusterRole for what has none', () => {
    const roles = rolesFor(
      [
        { verb: 'list', group: '', resource: 'nodes' },
        { verb: 'patch', group: 'apps', resource: 'deployments', namespace: 'shop', name: 'edge' },
        { verb: 'get', group: 'apps', resource: 'deployments', namespace: 'shop', name: 'edge' },
      ],
      'game-days',
      { kind: 'ServiceAccount', namespace: 'ci', name: 'games' },
    );
    expect(roles).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'game-days' },
        rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'game-days' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'game-days' },
        subjects: [{ kind: 'ServiceAccount', namespace: 'ci', name: 'games' }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'game-days', namespace: 'shop' },
        rules: [
          {
            apiGroups: ['apps'],
            resources: ['deployments'],
            resourceNames: ['edge'],
            verbs: ['get', 'patch'],
          },
        ],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'game-days', namespace: 'shop' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'game-days' },
        subjects: [{ kind: 'ServiceAccount', namespace: 'ci', name: 'games' }],
      },
    ]);
  });
});
