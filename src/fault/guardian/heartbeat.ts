import type { Clock } from '../../clock.ts';
import { leaseRef, leaseSeconds } from '../../cluster/access/lease.ts';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';

/** What a guardian has at hand. */
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

/** Since when the heartbeat has not changed, by this process's own clock. */
export interface Silence {
  /** resourceVersion of the Lease; '' while there is none. */
  version: string;
  since: number;
  /** ms of silence after which it counts as stopped. */
  patience: number;
}

/** One look at the heartbeat. That this process could not look for a while does not count as a sign of life. */
export async function lookAtHeartbeat(
  before: Silence | undefined,
  { cluster, clock, signal }: GuardianOptions,
): Promise<Silence> {
  const lease = await cluster.get(leaseRef(), signal);
  const version = lease?.metadata.resourceVersion ?? '';
  if (before?.version === version) return before;
  return { version, since: clock.mono(), patience: patienceOf(lease) };
}

function patienceOf(lease: ClusterObject | undefined): number {
  const { leaseDurationSeconds } = (lease?.spec ?? {}) as { leaseDurationSeconds?: number };
  return (leaseDurationSeconds ?? leaseSeconds) * 1000;
}
