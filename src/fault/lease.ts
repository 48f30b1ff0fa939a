import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { isAlive } from '../alive.ts';
import type { Clock } from '../clock.ts';
import type { Cluster, ClusterObject, Ref } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { LeaseIdentity } from './ledger-entry.ts';

/** One game a cluster: where its Lease is, under a name that says nothing about games. */
export const leasePlace = { namespace: 'default', name: 'maintenance' };

/** Seconds after which a Lease that is not renewed may be taken over. */
export const leaseSeconds = 30;

export interface GameLease {
  readonly identity: LeaseIdentity;
  /** Ends renewing and deletes the Lease, if it is still ours. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  cluster: Cluster;
  clock: Clock;
  signal?: AbortSignal;
  seconds?: number;
  holder?: string;
  /** Where the Lease is; `leasePlace` if left out. */
  place?: { namespace: string; name: string };
  /** Whether a holder is known to be gone: then nobody waits for its Lease to expire. */
  isDead?(holder: string): boolean;
  /** Another one took it, or it could not be renewed in time: writing must stop. */
  onLost?(reason: MisfortuneError): void;
}

/**
 * Takes the Lease and keeps it renewed. If there is one, it is watched by this machine's monotonic clock: it
 * may be taken over only after its full duration without a change, however the clocks of the two differ.
 * Throws MisfortuneError `other-game` as soon as it is renewed by its holder.
 */
export async function takeLease(options: LeaseOptions): Promise<GameLease> {
  const { cluster, seconds = leaseSeconds, place = leasePlace } = options;
  const holder = options.holder ?? newHolder();
  const identity: LeaseIdentity = { ...place, holder };
  await acquire(identity, seconds, options);
  const stopped = new AbortController();
  const renewing = renewLoop(identity, seconds, stopped.signal, options);
  return {
    identity,
    async release() {
      stopped.abort();
      await renewing;
      // Not under the game's signal: a game that is aborted has to let go as well.
      const lease = await cluster.get(refOf(place));
      if (!lease || holderOf(lease) !== holder) return;
      await cluster.delete(refOf(place), { uid: lease.metadata.uid });
    },
  };
}

/** This process, on this machine, this time: `host_pid_random`. */
export function newHolder(): string {
  return `${hostname()}_${process.pid}_${randomBytes(4).toString('hex')}`;
}

/** True if the holder is a process of this machine that is gone. */
export function holderIsDead(holder: string): boolean {
  const match = /^(.*)_(\d+)_[0-9a-f]{8}$/.exec(holder);
  if (!match || match[1] !== hostname()) return false;
  return !isAlive(Number(match[2]));
}

async function acquire(identity: LeaseIdentity, seconds: number, options: LeaseOptions): Promise<void> {
  const { cluster, clock, signal, isDead } = options;
  let seen: { version: string | undefined; holder: string; since: number; patience: number } | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const lease = await cluster.get(refOf(identity), signal);
    const holder = lease && holderOf(lease);
    if (!lease) {
      if (await write(() => cluster.create(manifest(identity, seconds, clock), {}, signal))) return;
      continue;
    }
    // Ours already: the answer to our own write was lost.
    if (holder === identity.holder) return;
    const version = lease.metadata.resourceVersion;
    if (holder && seen && seen.version !== version) throw otherGame(holder);
    seen ??= { version, holder: holder ?? '', since: clock.mono(), patience: durationOf(lease) ?? seconds };
    const expired = clock.mono() - seen.since >= seen.patience * 1000;
    if (!holder || expired || isDead?.(holder)) {
      if (await write(() => cluster.replace(manifest(identity, seconds, clock, lease), {}, signal))) return;
      seen = undefined;
      continue;
    }
    await clock.sleep(Math.min(500, seen.patience * 100), signal);
  }
}

async function renewLoop(
  identity: LeaseIdentity,
  seconds: number,
  stopped: AbortSignal,
  { cluster, clock, onLost }: LeaseOptions,
): Promise<void> {
  // Lost is said while it still holds for everybody else: a quarter of it is left to stop writing.
  const quarter = (seconds * 1000) / 4;
  let renewed = clock.mono();
  while (!stopped.aborted) {
    try {
      await clock.sleep(quarter, stopped);
      const inTime = AbortSignal.any([stopped, AbortSignal.timeout(quarter)]);
      const lease = await cluster.get(refOf(identity), inTime);
      if (!lease || holderOf(lease) !== identity.holder) {
        onLost?.(lost(lease ? `${holderOf(lease) || 'somebody'} has it` : 'it was deleted'));
        return;
      }
      await cluster.replace(manifest(identity, seconds, clock, lease), {}, inTime);
      renewed = clock.mono();
    } catch (error) {
      if (stopped.aborted) return;
      if (clock.mono() - renewed < quarter * 3) continue;
      onLost?.(lost(`it could not be renewed in time: ${(error as Error).message}`));
      return;
    }
  }
}

/** False for "somebody was faster" and for "nobody knows": the caller looks again. */
async function write(request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request();
    return true;
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    if (error.status === 409 || error.status === 404 || error.outcomeUnknown) return false;
    throw error;
  }
}

function manifest(
  identity: LeaseIdentity,
  seconds: number,
  clock: Clock,
  now?: ClusterObject,
): ClusterObject {
  const { namespace, name, holder } = identity;
  const time = new Date(clock.now()).toISOString().replace('Z', '000Z');
  const was = (now?.spec ?? {}) as {
    holderIdentity?: string;
    acquireTime?: string;
    leaseTransitions?: number;
  };
  const kept = was.holderIdentity === holder;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace, ...(now && { resourceVersion: now.metadata.resourceVersion }) },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: Math.max(1, Math.round(seconds)),
      acquireTime: kept ? was.acquireTime : time,
      renewTime: time,
      leaseTransitions: (was.leaseTransitions ?? 0) + (now && !kept ? 1 : 0),
    },
  };
}

function refOf({ namespace, name }: { namespace: string; name: string }): Ref {
  return { kind: 'lease', group: 'coordination.k8s.io', namespace, name };
}

function holderOf(lease: ClusterObject): string | undefined {
  return (lease.spec as { holderIdentity?: string } | undefined)?.holderIdentity || undefined;
}

function durationOf(lease: ClusterObject): number | undefined {
  return (lease.spec as { leaseDurationSeconds?: number } | undefined)?.leaseDurationSeconds;
}

function otherGame(holder: string): MisfortuneError {
  const [host, pid] = holder.split('_');
  return new MisfortuneError('other-game', `Another game runs on this cluster: process ${pid} on ${host}.`, {
    todo: 'Wait for its end, or ask whoever runs it to stop it.',
    exitCode: exitCodes.refused,
  });
}

function lost(why: string): MisfortuneError {
  return new MisfortuneError('lease-lost', `This game lost its right to change the cluster: ${why}.`, {
    todo: 'Run `misfortune recover` when the other game is over.',
    exitCode: exitCodes.leftover,
  });
}
