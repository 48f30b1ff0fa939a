import { atOnce } from '../../at-once.ts';
import { leaseRef } from '../../cluster/access/lease.ts';
import type { Finding } from '../../cluster/access/opened.ts';
import {
  formatPermission,
  missingPermissions,
  resolvePermissions,
} from '../../cluster/access/permissions.ts';
import { isServed } from '../../cluster/access/readable.ts';
import type { Cluster, ClusterObject, Permission } from '../../cluster/cluster.ts';
import { formatRef } from '../../cluster/ref.ts';
import { rolloutKinds } from '../../cluster/wait/rollout.ts';
import { describeError, exitCodes, MisfortuneError } from '../../errors.ts';
import { guardianManifests, maintenanceNeeds } from '../guardian/manifests.ts';
import { mailboxNeeds } from '../ledger/mailbox.ts';
import type { Operation } from '../operation.ts';
import { type PodSettings, tryPods } from '../types/shared/our-pods.ts';
import { dryRun } from './dry-run.ts';
import { checkLimits, checkOpened, type Guard } from './guard-rails.ts';
import type { Plan } from './plan.ts';

export interface Preflight {
  /** Each one stops the game before anything is touched. */
  refusals: Finding[];
  warnings: Finding[];
}

/**
 * Asks everything that can be asked before the first change: guard rails, limits, each permission, and the API
 * server's opinion of each operation (a server-side dry run). Writes nothing.
 */
export async function preflight(
  plan: Plan,
  guard: Guard,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<Preflight> {
  const permissions = await neededPermissions(plan, guard, cluster);
  const missing = await missingPermissions(permissions, cluster, signal);
  if (missing.length > 0) return { refusals: missing, warnings: [] };
  const opened = await checkOpened(guard, cluster, signal);
  if (opened.length > 0) return { refusals: opened, warnings: [] };
  const nodes = plan.blastRadius.nodes.length > 0 ? await cluster.list({ kind: 'node' }, {}, signal) : [];
  const refusals = checkLimits(plan, guard, nodes.length);
  if (refusals.length > 0) return { refusals, warnings: [] };
  // Nothing is stored, so none of them sees another's change, whatever the order.
  const tried = await atOnce(plan.operations, (operation) => tryOut(operation, cluster, signal));
  const pods = await atOnce(ourPods(plan, guard), ({ object, settings }) => {
    return tryPods(object, settings, cluster, signal);
  });
  tried.push(...pods);
  return {
    refusals: tried.flatMap(({ refusal }) => refusal ?? []),
    warnings: tried.flatMap(({ warning }) => warning ?? []),
  };
}

/** Whatever makes pods that run a program of ours, or of the scenario's own. */
function ourPods(
  { operations }: Plan,
  { guardian }: Guard,
): { object: ClusterObject; settings: PodSettings }[] {
  const jobs = operations.flatMap((operation) => {
    if (operation.verb === 'run') return { object: operation.do, settings: 'resources' as const };
    const isOurs = operation.verb === 'create' && operation.runsOurs;
    return isOurs ? { object: operation.object, settings: 'resources' as const } : [];
  });
  if (guardian?.mode !== 'game') return jobs;
  const watcher = guardianManifests({ ...guardian, mode: 'game' }, [], '').at(-1)!;
  return [...jobs, { object: watcher, settings: 'guardian.resources' }];
}

async function tryOut(
  operation: Operation,
  cluster: Cluster,
  signal: AbortSignal | undefined,
): Promise<{ refusal?: Finding; warning?: Finding }> {
  try {
    return await dryRun(operation, cluster, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const { code, todo } = error instanceof MisfortuneError ? error : { code: 'dry-run', todo: undefined };
    const { id, verb, ref } = operation;
    const message = `${id} (${verb} ${formatRef(ref)}): ${describeError(error).split('\n')[0]}`;
    return { refusal: { code, message, todo } };
  }
}

/** All that a game with this plan asks of RBAC, nothing twice: no more is used, and with less it is refused. */
export async function neededPermissions(plan: Plan, guard: Guard, cluster: Cluster): Promise<Permission[]> {
  const reads: Permission[] = [];
  for (const need of guard.reads ?? [])
    if (await isServed(cluster, need)) reads.push(...(await resolvePermissions([need], cluster)));
  const all = [
    ...(await enginePermissions(cluster, guard.namespaces)),
    ...plan.permissions,
    ...(await maintenancePermissions(plan, guard, cluster)),
    ...(guard.mailbox ? await resolvePermissions(mailboxNeeds(guard.mailbox), cluster) : []),
    ...reads,
  ];
  return [...new Map(all.map((permission) => [formatPermission(permission), permission])).values()];
}

async function maintenancePermissions(
  plan: Plan,
  { guardian }: Guard,
  cluster: Cluster,
): Promise<Permission[]> {
  if (!guardian) return [];
  const { needs, permissions } = maintenanceNeeds(guardian, plan.permissions);
  return [...(await resolvePermissions(needs, cluster)), ...permissions];
}

/** Throws MisfortuneError `refused` that names every refusal. */
export function assertPassed({ refusals }: Preflight): void {
  if (refusals.length === 0) return;
  const what = refusals.map(({ message, todo }) => (todo ? `${message} ${todo}` : message));
  throw new MisfortuneError(
    refusals.length === 1 ? refusals[0]!.code : 'refused',
    what.length === 1
      ? what[0]!
      : `${what.length} problems block this game:\n${what.map((line) => `- ${line}`).join('\n')}`,
    { exitCode: exitCodes.refused },
  );
}

/**
 * What the engine itself needs, whatever the scenario: to know the cluster and what is in reach, and to be alone
 * on it.
 */
export async function enginePermissions(
  cluster: Cluster,
  namespaces: readonly string[],
): Promise<Permission[]> {
  const known = await Promise.all(
    rolloutKinds.map(async (kind) => ({ kind, there: await isServed(cluster, { kind, group: 'apps' }) })),
  );
  return await resolvePermissions(
    [
      ...['kube-system', ...namespaces].map((name) => ({ verbs: ['get'], kind: 'namespace', name })),
      { verbs: ['create', 'get', 'update', 'delete'], ...leaseRef() },
      ...known
        .filter(({ there }) => there)
        .flatMap(({ kind }) =>
          namespaces.map((namespace) => ({ verbs: ['list'], kind, group: 'apps', namespace })),
        ),
    ],
    cluster,
  );
}
