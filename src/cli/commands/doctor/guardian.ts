import type { Clock } from '../../../clock.ts';
import { formatPermission } from '../../../cluster/access/permissions.ts';
import { notGiven, rolesFor } from '../../../cluster/access/roles.ts';
import type { Cluster, ClusterObject, Permission } from '../../../cluster/cluster.ts';
import { ClusterError } from '../../../cluster/cluster-error.ts';
import { formatRef, refOf } from '../../../cluster/ref.ts';
import { describeError } from '../../../errors.ts';
import { guardianStatus } from '../../../fault/guardian/install.ts';
import { guardianManifests, ownPermissions } from '../../../fault/guardian/manifests.ts';
import { type GuardianSettings, guardianName } from '../../../fault/guardian/settings.ts';
import { listClusterLedgers } from '../../../fault/ledger/cluster-ledger-read.ts';
import { ledgerState } from '../../../fault/ledger/state.ts';
import { recoverCommand } from '../../../game/start/recover-command.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

export interface GuardianQuestion {
  settings: GuardianSettings;
  /** What undoing the scenarios asks for. */
  undoing: readonly Permission[];
  /** `--cluster staging`, for commands. */
  place: string;
  cluster: Cluster;
  clock: Clock;
}

/** What earlier games left in the copies of their ledgers: no game begins before that is put back. */
export async function ledgerFindings(
  place: Parameters<typeof recoverCommand>[1] & { cluster: Cluster },
  { stateHome, namespace }: { stateHome: string; namespace: string },
): Promise<Finding[]> {
  const { cluster } = place;
  if (!(await usable(namespace, cluster))) return [];
  const ledgers = await listClusterLedgers(cluster, namespace);
  const open: Finding[] = [];
  for (const { id, entries, problem } of ledgers) {
    const { opened, changes, erased } = ledgerState(entries);
    if (problem) open.push(missing('ledger', problem.message, problem.todo));
    if (problem || erased || changes.length === 0) continue;
    const seen = `game ${opened?.game ?? id} left changes in this cluster`;
    const command = await recoverCommand(opened?.game, place, { stateHome, namespace });
    open.push(missing('ledger', seen, `If it no longer runs, restore the cluster with \`${command}\`.`));
  }
  return open.length > 0 ? open : [ok('ledger', `the copy of its ledger is in the namespace ${namespace}`)];
}

/** That a namespace is missing or going is told with the others. */
async function usable(name: string, cluster: Cluster): Promise<ClusterObject | undefined> {
  const namespace = await cluster.get({ kind: 'namespace', name });
  return namespace?.metadata.deletionTimestamp ? undefined : namespace;
}

/** Whether somebody will put things back when a game dies. */
export async function guardianFindings(question: GuardianQuestion): Promise<Finding[]> {
  const { settings, cluster } = question;
  const { namespace, mode } = settings;
  if (mode === 'off')
    return [
      warning(
        'guardian',
        'off: after a crash the cluster stays broken until somebody runs `misfortune recover`',
        'Set guardian: { mode: game } in misfortune.yaml.',
      ),
    ];
  const home = await usable(namespace, cluster);
  if (!home) return [missing('guardian', `waits for the namespace ${namespace}`)];
  const security = securityOf(home);
  return mode === 'installed'
    ? await installedFindings(question, security)
    : [await broughtFinding(question, security)];
}

/** Everything that a game would create, tried without storing it: rights, quotas and admission have their say. */
async function broughtFinding(
  { settings, undoing, cluster }: GuardianQuestion,
  security: string,
): Promise<Finding> {
  for (const object of guardianManifests({ ...settings, mode: 'game' }, undoing, '')) {
    try {
      await cluster.create(object, { dryRun: true });
    } catch (error) {
      if (error instanceof ClusterError && error.code === 'already-exists') continue;
      // Its Role was only tried, too: that one, which passed, is what decides whether these rights may be given.
      if (error instanceof ClusterError && error.status === 404 && object.kind.endsWith('RoleBinding'))
        continue;
      const seen = `${formatRef(refOf(object))} could not be created: ${describeError(error)}`;
      return missing('guardian', seen);
    }
  }
  return ok('guardian', `each game deploys its own guardian to ${settings.namespace} (${security})`);
}

async function installedFindings(question: GuardianQuestion, security: string): Promise<Finding[]> {
  const { settings, undoing, place, cluster, clock } = question;
  const { namespace } = settings;
  const name = guardianName('installed');
  const install = `An admin installs it: \`misfortune guardian install${place}\`.`;
  const status = await guardianStatus('installed', namespace, cluster, clock.now());
  if (!status) return [missing('guardian', `no guardian has sent a heartbeat in ${namespace}`, install)];
  if (status.age > 60) {
    const look = `\`kubectl -n ${namespace} describe deployment,pods -l app.kubernetes.io/name=${name}\` tells why.`;
    return [missing('guardian', `its last heartbeat is ${status.age} s old`, look)];
  }
  const heard = ok('guardian', `installed in ${namespace} (${security}), last heartbeat ${status.age} s ago`);
  const wanted = [...ownPermissions(namespace, name), ...undoing];
  const lacks = await lackingRights(wanted, name, cluster);
  if (lacks === undefined)
    return [
      heard,
      warning(
        'guardian',
        'it is not known whether it may undo these scenarios: its Roles cannot be read',
        'If it may not, the game refuses to start and says so.',
      ),
    ];
  if (lacks.length === 0) return [heard];
  return [
    heard,
    missing('guardian', `it lacks permissions: ${lacks.map(formatPermission).join('; ')}`, install),
  ];
}

/** What its Roles, as far as they are bound to it, do not give; undefined: they may not be read. */
async function lackingRights(
  wanted: readonly Permission[],
  name: string,
  cluster: Cluster,
): Promise<Permission[] | undefined> {
  const group = 'rbac.authorization.k8s.io';
  const given: ClusterObject[] = [];
  try {
    for (const { kind, metadata } of rolesFor(wanted, name, { kind: 'User', name })) {
      if (kind.endsWith('Binding')) continue;
      const { namespace } = metadata;
      const ref = { group, name, ...(namespace && { namespace }) };
      const [role, binding] = await Promise.all([
        cluster.get({ kind: kind.toLowerCase(), ...ref }),
        cluster.get({ kind: `${kind.toLowerCase()}binding`, ...ref }),
      ]);
      if (role && binding) given.push(role);
    }
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return undefined;
    throw error;
  }
  return notGiven(wanted, given);
}

/** What Pod Security asks of pods there; the guardian's pass the strictest level. */
function securityOf({ metadata }: ClusterObject): string {
  const level = metadata.labels?.['pod-security.kubernetes.io/enforce'];
  return level ? `Pod Security: ${level}` : 'Pod Security: nothing enforced';
}
