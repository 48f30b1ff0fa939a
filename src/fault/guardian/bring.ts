import type { Clock } from '../../clock.ts';
import { leaseRef } from '../../cluster/access/lease.ts';
import type { Cluster, ClusterObject, Permission, Ref } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { formatRef, refOf } from '../../cluster/ref.ts';
import { refusalOfPods } from '../../cluster/wait/pods.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { podsRefused } from '../types/shared/our-pods.ts';
import { acknowledgedAnnotation, hindranceAnnotation } from './acknowledge.ts';
import { guardianManifests } from './manifests.ts';
import { type GuardianSettings, guardianName } from './settings.ts';

/** How long a guardian may take to start and to read the ledger, ms: its image may have to be pulled. */
const acknowledgedWithin = 90_000;

interface Context {
  cluster: Cluster;
  clock: Clock;
  signal?: AbortSignal;
}

/** What a guardian of this game consists of, for the ledger: whoever restores takes it away again. */
export function guardianRefs(settings: GuardianSettings, permissions: readonly Permission[]): Ref[] {
  if (settings.mode !== 'game') return [];
  return guardianManifests({ ...settings, mode: 'game' }, permissions, '').map(refOf);
}

/** Brings a guardian along. What an earlier game left under these names is replaced. Throws ClusterError. */
export async function bringGuardian(
  settings: GuardianSettings,
  permissions: readonly Permission[],
  programText: string,
  { cluster, signal }: Context,
): Promise<void> {
  for (const object of guardianManifests({ ...settings, mode: 'game' }, permissions, programText))
    await createAnew(object, cluster, signal);
}

/** Takes a guardian's objects out of the cluster, the program first. Throws ClusterError. */
export async function removeGuardian(
  refs: readonly Ref[],
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<void> {
  for (const ref of [...refs].reverse()) await cluster.delete(ref, { propagation: 'Background' }, signal);
}

/**
 * Waits until the guardian says that it has read the ledger up to this entry and may undo it.
 * Throws MisfortuneError `no-guardian`.
 */
export async function waitAcknowledged(
  sum: string,
  { mode, namespace }: GuardianSettings,
  { cluster, clock, signal }: Context,
): Promise<void> {
  const name = guardianName(mode === 'installed' ? 'installed' : 'game');
  const lease = leaseRef({ namespace, name });
  const deployment = { kind: 'deployment', group: 'apps', namespace, name };
  const deadline = clock.mono() + acknowledgedWithin;
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 500)) {
    const { annotations = {} } = (await cluster.get(lease, signal))?.metadata ?? {};
    if (annotations[acknowledgedAnnotation] === sum) return;
    const hindrance = annotations[hindranceAnnotation];
    const refused = mode === 'game' && (await refusalOfPods(deployment, cluster, signal));
    if (refused) throw podsAreRefused(deployment, refused);
    if (hindrance || clock.mono() >= deadline) throw notAcknowledged(hindrance, name, namespace, mode);
    await clock.sleep(pause, signal);
  }
}

/** What is there under this name already is replaced. Throws ClusterError. */
export async function createAnew(
  object: ClusterObject,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    try {
      await cluster.create(object, {}, signal);
      return;
    } catch (error) {
      if (!(error instanceof ClusterError) || error.code !== 'already-exists' || turn > 2) throw error;
      await cluster.delete(refOf(object), { propagation: 'Background' }, signal);
    }
  }
}

function podsAreRefused(deployment: Ref, said: string): MisfortuneError {
  const { code, message, todo } = podsRefused(formatRef(deployment), said, 'guardian.resources');
  return new MisfortuneError(code, message, { todo, exitCode: exitCodes.refused });
}

function notAcknowledged(
  hindrance: string | undefined,
  name: string,
  namespace: string,
  mode: GuardianSettings['mode'],
): MisfortuneError {
  const look = `Look at \`kubectl -n ${namespace} describe pods,deployment -l app.kubernetes.io/name=${name}\``;
  return new MisfortuneError(
    'no-guardian',
    hindrance
      ? `The guardian cannot undo this game: ${hindrance}.`
      : `The guardian (${formatRef({ kind: 'deployment', namespace, name })}) did not acknowledge the ledger within ${acknowledgedWithin / 1000} s.`,
    {
      todo:
        mode === 'installed'
          ? `${look}; \`misfortune guardian install\` installs it, with the rights for your scenarios.`
          : `${look}, or set guardian.image in misfortune.yaml.`,
      exitCode: exitCodes.refused,
    },
  );
}
