import { formatPermission, lackingPermissions } from '../../../cluster/access/permissions.ts';
import type { Cluster, Permission } from '../../../cluster/cluster.ts';
import { type Finding, ok, warning } from './finding.ts';

/** What whoever is on call does in a namespace: looks, logs, a restart, a rollback, stopping a Job. */
const usual: readonly Omit<Permission, 'namespace'>[] = [
  { verb: 'list', group: '', resource: 'pods' },
  { verb: 'get', group: '', resource: 'pods', subresource: 'log' },
  { verb: 'list', group: '', resource: 'events' },
  { verb: 'list', group: 'apps', resource: 'deployments' },
  { verb: 'patch', group: 'apps', resource: 'deployments' },
  { verb: 'delete', group: '', resource: 'pods' },
  { verb: 'delete', group: 'batch', resource: 'jobs' },
];

/** More are counted. */
const mostNamed = 4;

/**
 * `misfortune join` on the game master's machine takes the game master's own credentials. The Roles that `misfortune rbac`
 * prints are for the game, not for responding: who has only these would be refused in the middle of a game.
 */
export async function responderFindings(namespaces: readonly string[], cluster: Cluster): Promise<Finding[]> {
  const wanted = namespaces.flatMap((namespace) => usual.map((one) => ({ ...one, namespace })));
  const lacking = await lackingPermissions(wanted, cluster);
  if (lacking.length === 0)
    return [
      ok(
        'responders',
        'responders on this machine can inspect, roll back and stop workloads with your credentials',
      ),
    ];
  const named = lacking.slice(0, mostNamed).map(formatPermission).join('; ');
  const more = lacking.length > mostNamed ? `; and ${lacking.length - mostNamed} more` : '';
  return [
    warning(
      'responders',
      `responders on this machine use your credentials, which lack: ${named}${more}`,
      'Bind an on-call role to yourself there (the ClusterRole edit suffices), or let responders join with their own credentials: `misfortune play --open`, docs/joining.md.',
    ),
  ];
}
