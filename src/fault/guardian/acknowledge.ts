import { leaseRef } from '../../cluster/access/lease.ts';
import { formatPermission, lackingPermissions } from '../../cluster/access/permissions.ts';
import type { ClusterObject, Permission } from '../../cluster/cluster.ts';
import type { ClusterLedgerContents } from '../ledger/cluster-ledger-read.ts';
import type { GuardianOptions, Silence } from './heartbeat.ts';

/** On the guardian's Lease: the checksum of the last entry that it has read, and what keeps it from undoing it. */
export const acknowledgedAnnotation = 'checksum/content';
export const hindranceAnnotation = 'maintenance/message';
/** `resourceVersion ms`: how long this one has seen the heartbeat unchanged. */
const observedAnnotation = 'maintenance/observed';

/**
 * Says on its own Lease that it is there, which ledger it has read, and whether it may do what is needed to undo it.
 * Gives the silence with what a pod before this one has seen of it.
 */
export async function acknowledge(
  ledgers: readonly ClusterLedgerContents[],
  silence: Silence,
  options: GuardianOptions,
): Promise<Silence> {
  const { cluster, clock, signal, namespace, name, holder } = options;
  const ref = leaseRef({ namespace, name });
  const lease = await cluster.get(ref, signal);
  if (!lease) throw new Error(`The Lease ${namespace}/${name} does not exist.`);
  const known = withEarlier(silence, lease, options);
  const newest = ledgers
    .filter(({ entries }) => entries.at(-1)?.type !== 'erased')
    .sort(byAge)
    .at(-1);
  const hindrance = newest && (await hindranceOf(newest, options));
  await cluster.patch(
    ref,
    'merge',
    {
      metadata: {
        resourceVersion: lease.metadata.resourceVersion,
        annotations: {
          [acknowledgedAnnotation]: newest && !hindrance ? newest.sum : null,
          [hindranceAnnotation]: hindrance ?? null,
          [observedAnnotation]: `${known.version} ${Math.round(clock.mono() - known.since)}`,
        },
      },
      spec: {
        holderIdentity: holder,
        leaseDurationSeconds: 15,
        renewTime: new Date(clock.now()).toISOString().replace('Z', '000Z'),
      },
    },
    {},
    signal,
  );
  return known;
}

/** Whether the heartbeat has changed is a fact of the API server: what the pod before this one saw counts. */
function withEarlier(
  silence: Silence,
  { spec, metadata }: ClusterObject,
  { holder, clock }: GuardianOptions,
): Silence {
  const { holderIdentity } = (spec ?? {}) as { holderIdentity?: string };
  const [version, ms] = metadata.annotations?.[observedAnnotation]?.split(' ') ?? [];
  if (!holderIdentity || holderIdentity === holder || version !== silence.version || !version) return silence;
  return { ...silence, since: Math.min(silence.since, clock.mono() - Number(ms)) };
}

const byAge = (a: ClusterLedgerContents, b: ClusterLedgerContents) => openedAt(a) - openedAt(b);

function openedAt({ entries: [first] }: ClusterLedgerContents): number {
  return first?.type === 'opened' ? first.at : 0;
}

/** Asked once a ledger. */
const answers = new WeakMap<object, Map<string, Promise<string | undefined>>>();

async function hindranceOf(
  { id, entries: [first], problem }: ClusterLedgerContents,
  { cluster, signal }: GuardianOptions,
): Promise<string | undefined> {
  if (problem) return problem.message;
  const asked = answers.get(cluster) ?? new Map<string, Promise<string | undefined>>();
  answers.set(cluster, asked);
  const needs: readonly Permission[] = first?.type === 'opened' ? (first.needs ?? []) : [];
  const asking = async (): Promise<string | undefined> => {
    const missing = (await lackingPermissions(needs, cluster, signal)).map(formatPermission);
    return missing.length > 0 ? `not allowed to ${missing.join('; ')}` : undefined;
  };
  const answer = asked.get(id) ?? asking();
  asked.set(id, answer);
  // A permission may be given later; a request may fail.
  answer.then(
    (hindrance) => hindrance && asked.delete(id),
    () => asked.delete(id),
  );
  return await answer;
}
