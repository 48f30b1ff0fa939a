import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lackingPermissions } from '../../../src/cluster/access/permissions.ts';
import type { AccessRule, Cluster, Permission } from '../../../src/cluster/cluster.ts';
import { type ControlPlane, startControlPlane } from '../../fault/control-plane.ts';

let plane: ControlPlane;
let limited: Cluster;
const head = { apiVersion: 'rbac.authorization.k8s.io/v1' };
const role = { name: 'some', namespace: 'default' };
beforeAll(async () => {
  plane = await startControlPlane({ empty: true });
  limited = await plane.limited();
  await plane.cluster.create({ ...head, kind: 'Role', metadata: role, rules: [] });
  await plane.cluster.create({
    ...{ ...head, kind: 'RoleBinding', metadata: role },
    subjects: [{ kind: 'User', name: 'limited', apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { kind: 'Role', name: 'some', apiGroup: 'rbac.authorization.k8s.io' },
  });
});
afterAll(() => plane.close());

const some = (...values: string[]) => fc.subarray(values, { minLength: 1 });
const permissionArb: fc.Arbitrary<Permission> = fc.record(
  {
    verb: fc.constantFrom('get', 'create', 'patch'),
    group: fc.constantFrom('', 'apps'),
    resource: fc.constantFrom('pods', 'deployments', 'configmaps'),
    subresource: fc.constantFrom('log', 'scale'),
    namespace: fc.constantFrom('default', 'kube-system'),
    name: fc.constantFrom('a', 'b'),
  },
  { requiredKeys: ['verb', 'group', 'resource'] },
);
const ruleArb = fc.record(
  {
    verbs: some('get', 'create', 'patch', '*'),
    apiGroups: some('', 'apps', '*'),
    resources: some('pods', 'deployments', 'pods/log', '*/scale', '*'),
    resourceNames: some('a', 'b'),
  },
  { requiredKeys: ['verbs', 'apiGroups', 'resources'] },
);

describe('the permissions that are lacking', () => {
  it('are those that a review of each one by itself refuses, whatever the rules', async () => {
    const laws = fc.asyncProperty(
      fc.array(ruleArb, { maxLength: 3 }),
      fc.array(permissionArb, { minLength: 1, maxLength: 8 }),
      async (rules, permissions) => {
        const ref = { kind: 'role', group: 'rbac.authorization.k8s.io', ...role };
        await plane.cluster.patch(ref, 'merge', { rules });
        const allowed = await Promise.all(permissions.map((permission) => limited.can(permission)));
        const expected = permissions.filter((_, index) => !allowed[index]);
        expect(await lackingPermissions(permissions, limited)).toEqual(expected);
      },
    );
    await fc.assert(laws, { numRuns: 60 });
  });

  it('are asked for one by one where the rules of a namespace are not all that counts', async () => {
    const asked: Permission[] = [];
    const answers = (rules: AccessRule[] | undefined) => ({
      rules: async () => rules,
      can: async (permission: Permission) => asked.push(permission) < 0,
    });
    const permissions = ['get', 'patch'].map((verb) => ({
      ...{ verb, group: '', resource: 'pods', namespace: 'default' },
    }));
    const everything = { verbs: ['*'], groups: ['*'], resources: ['*'], names: [] };
    expect(await lackingPermissions(permissions, answers([everything]))).toEqual([]);
    expect(asked).toEqual([]);
    expect(await lackingPermissions(permissions, answers(undefined))).toEqual(permissions);
    expect(asked).toEqual(permissions);
  });
});
