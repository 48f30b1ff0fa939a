import { checkNeeds } from '../../check/leaves.ts';
import type { PermissionNeed } from '../../cluster/cluster.ts';
import { comparedKinds } from '../../fault/compare/compare.ts';
import { checksOf } from '../../scenario/references.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { watchedKinds } from '../watch/change-watch.ts';
import type { GameSetup } from './setup.ts';

/**
 * What a game reads of the cluster to follow what is done and to judge it. Secrets are not among it: with a right to
 * list them a restore is compared in their hashes too, without it nothing is said of them.
 */
export function gameReads(
  scenario: Scenario,
  { namespaces, serviceProxies }: Pick<GameSetup, 'namespaces' | 'serviceProxies'>,
): PermissionNeed[] {
  return [
    // The effects of wrong fixes are looked for by validate only.
    ...checksOf(scenario).flatMap(({ check, path }) => (path[0] === 'wrongFixes' ? [] : checkNeeds(check))),
    ...namespaces.flatMap((namespace) => [
      ...comparedKinds
        .filter(({ kind }) => kind !== 'secrets')
        .map((kind): PermissionNeed => ({ ...kind, namespace, verbs: ['list'] })),
      ...watchedKinds.map(({ kind, group }): PermissionNeed => {
        return { kind, group, namespace, verbs: ['list', 'watch'] };
      }),
    ]),
    { kind: 'nodes', verbs: ['list'] },
    // A query is a POST: `create` in the words of RBAC.
    ...serviceProxies.map((service): PermissionNeed => {
      const [namespace, name] = service.split('/');
      return { kind: 'services', subresource: 'proxy', namespace, name, verbs: ['get', 'create'] };
    }),
  ];
}
