import type { Clock } from '../../clock.ts';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import { describeError, MisfortuneError } from '../../errors.ts';
import { type ClusterLedgerContents, listClusterLedgers } from '../cluster-ledger-read.ts';
import { leasePlace, leaseSeconds } from '../lease.ts';
import { acknowledge } from './acknowledge.ts';
import { isOrphan, rescue } from './rescue.ts';

export interface GuardianOptions {
  cluster: Cluster;
  clock: Clock;
  signal: AbortSignal;
  /** Where the ledgers and its own Lease are. */
  namespace: string;
  /** Of its own Lease, by which it says that it is there. */
  name: string;
  /** This pod. */
  holder: string;
  log(line: string): void;
}

/** Looks at the heartbeat, and at the ledgers; ms. */
const heartbeatEvery = 1_000;
const ledgersEvery = 4_000;

/** Since when the heartbeat has not changed, by this process's own clock. */
export interface Silence {
  /** resourceVersion of the Lease; '' while there is none. */
  version: string;
  since: number;
  /** ms of silence after which it counts as stopped. */
  patience: number;
}

/**
 * Watches the heartbeat (the Lease of the game) and puts back what the ledgers say when it stops. Ends with the signal;
 * what fails is tried again.
 */
export async function watch(options: GuardianOptions): Promise<void> {
  const { clock, signal, log } = options;
  let silence: Silence | undefined;
  let ledgers: ClusterLedgerContents[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let failure = '';
  const attempts = new Map<string, { count: number; notBefore: number }>();
  while (!signal.aborted) {
    try {
      silence = await look(silence, options);
      if (clock.mono() - readAt >= ledgersEvery) {
        ledgers = await listClusterLedgers(options.cluster, options.namespace, signal);
        readAt = clock.mono();
        silence = await acknowledge(ledgers, silence, options);
      }
      const isStopped = clock.mono() - silence.since >= silence.patience;
      const due = ledgers.filter((ledger) => isOrphan(ledger) && mayTry(ledger.id));
      if (isStopped && due.length > 0) {
        for (const { id } of due) countAttempt(id);
        await rescue(silence, options);
        silence = undefined;
        readAt = Number.NEGATIVE_INFINITY;
      }
      failure = '';
    } catch (error) {
      if (signal.aborted) return;
      // Somebody else has it in hand: watch on.
      if (error instanceof MisfortuneError && error.code === 'other-game') silence = undefined;
      const said = describeError(error).split('\n')[0]!;
      if (said !== failure) log(said);
      failure = said;
    }
    await clock.sleep(heartbeatEvery, signal).catch(() => undefined);
  }

  function mayTry(id: string): boolean {
    return clock.mono() >= (attempts.get(id)?.notBefore ?? 0);
  }

  function countAttempt(id: string): void {
    const count = (attempts.get(id)?.count ?? 0) + 1;
    attempts.set(id, { count, notBefore: clock.mono() + Math.min(300_000, 5_000 * 2 ** count) });
  }
}

/** One look at the heartbeat. That this process could not look for a while does not count as a sign of life. */
async function look(
  before: Silence | undefined,
  { cluster, clock, signal }: GuardianOptions,
): Promise<Silence> {
  const lease = await cluster.get({ kind: 'lease', group: 'coordination.k8s.io', ...leasePlace }, signal);
  const version = lease?.metadata.resourceVersion ?? '';
  if (before?.version === version) return before;
  return { version, since: clock.mono(), patience: patienceOf(lease) };
}

function patienceOf(lease: ClusterObject | undefined): number {
  const { leaseDurationSeconds } = (lease?.spec ?? {}) as { leaseDurationSeconds?: number };
  return (leaseDurationSeconds ?? leaseSeconds) * 1000;
}
