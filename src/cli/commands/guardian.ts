import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { realClock } from '../../clock.ts';
import type { Permission } from '../../cluster/cluster.ts';
import { connect } from '../../cluster/connection/connect.ts';
import { chooseCluster } from '../../config/choose.ts';
import { loadConfig } from '../../config/load.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import {
  guardianStatus,
  installGuardian,
  installManifests,
  uninstallGuardian,
} from '../../fault/guardian/install.ts';
import { guardianName } from '../../fault/guardian/settings.ts';
import { listClusterLedgers } from '../../fault/ledger/cluster-ledger-read.ts';
import { mailboxRemoval } from '../../fault/ledger/mailbox.ts';
import { ledgerState } from '../../fault/ledger/state.ts';
import { loadLibrary } from '../../game/library/library.ts';
import { setUpEach } from '../../game/library/plans.ts';
import { guardianOf } from '../../game/start/place.ts';
import { program } from '../../paths.ts';
import { print } from '../output.ts';

export interface GuardianOptions {
  cluster?: string;
  config?: string;
  /** Only print the manifests. */
  print?: boolean;
  json?: boolean;
}

/**
 * Installs the guardian once, by somebody who may give rights: those that undoing these scenarios asks for (all that can be
 * played, if none is named). @throws those of a plan, ClusterError
 */
export async function install(scenarios: string[], options: GuardianOptions): Promise<void> {
  const { settings, cluster } = await open(options);
  try {
    const undoing = await permissionsOf(scenarios, options);
    const permissions = [...undoing, ...mailboxRemoval(settings.namespace)];
    const text = readFileSync(program('programs/guardian.cjs'), 'utf8');
    if (options.print) {
      const objects = installManifests(settings, permissions, text);
      process.stdout.write(objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n'));
      return;
    }
    await installGuardian(settings, permissions, text, cluster);
    print({ installed: guardianName('installed') }, options, () => [
      `Installed deployment/${settings.namespace}/${guardianName('installed')}. Set guardian: { mode: installed } in misfortune.yaml.`,
    ]);
  } finally {
    cluster.close();
  }
}

/** Removes an installed guardian. @throws ClusterError */
export async function uninstall(options: GuardianOptions): Promise<void> {
  const { settings, namespaces, cluster } = await open(options);
  try {
    await uninstallGuardian(settings, namespaces, cluster);
    print({ removed: guardianName('installed') }, options, () => [
      `Removed. The namespace ${settings.namespace} is kept: it may hold copies of ledgers.`,
    ]);
  } finally {
    cluster.close();
  }
}

/** Says list the guardians and the games whose ledger is in the cluster. @throws ClusterError */
export async function status(options: GuardianOptions): Promise<void> {
  const { settings, cluster } = await open(options);
  try {
    const { namespace } = settings;
    const guardians = await Promise.all(
      (['installed', 'game'] as const).map(async (mode) => ({
        mode,
        ...(await guardianStatus(mode, namespace, cluster, realClock.now())),
      })),
    );
    const ledgers = (await listClusterLedgers(cluster, namespace)).map(({ id, entries, problem }) => {
      const { opened, erased, restored } = ledgerState(entries);
      const state = problem?.message ?? (erased ? 'restored' : 'not restored');
      return { game: opened?.game ?? id, state, ...(restored?.by && { by: restored.by }) };
    });
    print({ guardians, ledgers }, options, () => [
      ...guardians.map(({ mode, pod, age, acknowledged, hindrance }) => {
        if (pod === undefined) return `${mode}: none`;
        const word = hindrance ?? (acknowledged ? 'acknowledged a ledger' : 'watches');
        return `${mode}: ${pod} ${word}, ${age} s ago`;
      }),
      ...ledgers.map(({ game, state, by }) => `game ${game}: ${state}${by ? ` by the ${by}` : ''}`),
    ]);
  } finally {
    cluster.close();
  }
}

async function open({ cluster: name, config }: GuardianOptions) {
  if (name === undefined)
    throw new MisfortuneError('no-cluster', 'Expected --cluster NAME, a cluster of misfortune.yaml.', {
      todo: 'In the sandbox each game deploys its own guardian.',
      exitCode: exitCodes.usage,
    });
  const chosen = chooseCluster(await loadConfig({ file: config }), name);
  const { kubeconfig, context, namespaces } = chosen;
  const settings = { ...guardianOf(chosen), mode: 'installed' as const };
  return { settings, namespaces, cluster: await connect({ kubeconfig, context }) };
}

/** What undoing these scenarios asks of RBAC. */
async function permissionsOf(names: string[], options: GuardianOptions): Promise<Permission[]> {
  const permissions: Permission[] = [];
  for await (const { plan: compile } of setUpEach(names, options, await loadLibrary(options))) {
    const { plan } = await compile();
    permissions.push(...plan.permissions);
  }
  return permissions;
}
