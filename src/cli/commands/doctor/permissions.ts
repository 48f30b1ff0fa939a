import { formatPermission, lackingPermissions } from '../../../cluster/access/permissions.ts';
import type { Cluster, Permission } from '../../../cluster/cluster.ts';
import { type Finding, missing, ok } from './finding.ts';

/** More are counted. */
const mostNamed = 12;

/**
 * All that the scenarios ask of RBAC, in one answer; `forbidden` is what may not even be read to plan them. `place`:
 * `--cluster staging`, for commands.
 */
export async function permissionFindings(
  { needed, forbidden }: { needed: readonly Permission[]; forbidden: readonly string[] },
  cluster: Cluster,
  place: string,
): Promise<Finding[]> {
  const all = [...new Map(needed.map((one) => [formatPermission(one), one])).values()];
  const lacking = await lackingPermissions(all, cluster);
  if (lacking.length + forbidden.length === 0)
    return all.length === 0 ? [] : [ok('permissions', `all ${all.length} are granted`)];
  const who = await whoAmI(cluster);
  const todo = `Ask an admin to grant them: \`misfortune rbac${place} ${who} | kubectl apply -f -\``;
  const words = [...forbidden, ...lacking.map(formatPermission)];
  const named = words.slice(0, mostNamed).join('; ');
  const more = words.length > mostNamed ? `, and ${words.length - mostNamed} more` : '';
  const seen = forbidden.length > 0 ? 'not enough to plan' : `${lacking.length} of ${all.length} are missing`;
  return [missing('permissions', `${seen}: ${named}${more}`, todo)];
}

/** As an option of `misfortune rbac`. Before Kubernetes 1.28 a cluster does not tell. */
async function whoAmI(cluster: Cluster): Promise<string> {
  const { status, body } = await cluster.raw('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
  });
  if (status >= 300) return '--user YOU';
  const { username } = (JSON.parse(body) as { status: { userInfo: { username: string } } }).status.userInfo;
  const [, account] = /^system:serviceaccount:(.+)$/.exec(username) ?? [];
  return account ? `--serviceaccount ${account}` : `--user ${username}`;
}
