import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { isAlive } from '../../alive.ts';
import type { Clock } from '../../clock.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Cluster, ClusterObject, Ref } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';

/** One game a cluster: where its Lease is, under a name that says nothing about games. */
export const leasePlace = { namespace: 'default', name: 'maintenance' };

/** Seconds after which a Lease that is not renewed may be taken over. */
export const leaseSeconds = 30;

/** The reference of a Lease; of the one of games if left out. */
export function leaseRef({ namespace, name } = leasePlace): Ref {
  return { kind: 'lease', group: 'coordination.k8s.io', namespace, name };
}

export interface LeaseIdentity {
  namespace: string;
  name: string;
  holder: string;
}

export interface GameLease {
  readonly identity: LeaseIdentity;
  /**
   * Resolves if the Lease is ours right now. After a pause of this process (a laptop that slept) it is renewed first.
   * Throws MisfortuneError `lease-lost`.
   */
  ensureHeld(): Promise<void>;
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
  /** Since when (monotonic ms) this version of the Lease was seen without a change, by somebody who watched it. */
  unchanged?: { version: string; since: number };
  /** Whether a holder is known to be gone: then nobody waits for its Lease to expire. */
  isDead?(holder: string): boolean;
  /** A holder that is waited for until it lets go, however long it renews the Lease. */
  isWaitedFor?(holder: string): boolean;
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
  const renewal = new Renewal(identity, seconds, options);
  const renewing = renewal.loop(stopped.signal);
  return {
    identity,
    ensureHeld: () => renewal.ensure(),
    async release() {
      stopped.abort();
      await renewing;
      // Not under the game's signal: a game that is aborted has to let go as well.
      const lease = await cluster.get(leaseRef(place));
      if (!lease || holderOf(lease) !== holder) return;
      await cluster.delete(leaseRef(place), { uid: lease.metadata.uid });
    },
  };
}

/** This process, on this machine, this time: `host_pid_random`. */
export function newHolder(): string {
  return `${hostname()}_${process.pid}_${randomBytes(4).toString('hex')}`;
}

/** Who has the Lease of the cluster; undefined: nobody. Throws ClusterError. */
export async function leaseHolder(cluster: Cluster, signal?: AbortSignal): Promise<string | undefined> {
  const lease = await cluster.get(leaseRef(leasePlace), signal);
  return lease && holderOf(lease);
}

/** True if the holder is a process of this machine that is gone. */
export function holderIsDead(holder: string): boolean {
  const match = /^(.*)_(\d+)_[0-9a-f]{8}$/.exec(holder);
  if (!match || match[1] !== hostname()) return false;
  return !isAlive(Number(match[2]));
}

async function acquire(identity: LeaseIdentity, seconds: number, options: LeaseOptions): Promise<void> {
  const { cluster, clock, signal, isDead } = options;
  let seen: { version: string | undefined; since: number } | undefined = options.unchanged;
  for (;;) {
    signal?.throwIfAborted();
    const lease = await cluster.get(leaseRef(identity), signal);
    const holder = lease && holderOf(lease);
    if (!lease) {
      if (await write(() => cluster.create(manifest(identity, seconds, clock), {}, signal))) return;
      continue;
    }
    // Ours already: the answer to our own write was lost.
    if (holder === identity.holder) return;
    const version = lease.metadata.resourceVersion;
    if (seen && seen.version !== version) {
      if (holder && !options.isWaitedFor?.(holder)) throw otherGame(holder);
      seen = undefined;
    }
    seen ??= { version, since: clock.mono() };
    const patience = durationOf(lease) ?? seconds;
    const expired = clock.mono() - seen.since >= patience * 1000;
    if (!holder || expired || isDead?.(holder)) {
      if (await write(() => cluster.replace(manifest(identity, seconds, clock, lease), {}, signal))) return;
      seen = undefined;
      continue;
    }
    await clock.sleep(Math.min(500, patience * 100), signal);
  }
}

class Renewal {
  private readonly quarter: number;
  private renewed: { mono: number; now: number };
  private reason: MisfortuneError | undefined;

  constructor(
    private readonly identity: LeaseIdentity,
    private readonly seconds: number,
    private readonly options: LeaseOptions,
  ) {
    const { clock } = options;
    // Lost is said while it still holds for everybody else: a quarter of it is left to stop writing.
    this.quarter = (seconds * 1000) / 4;
    this.renewed = { mono: clock.mono(), now: clock.now() };
  }

  async loop(stopped: AbortSignal): Promise<void> {
    const { clock } = this.options;
    while (!stopped.aborted && !this.reason) {
      try {
        await clock.sleep(this.quarter, stopped);
        await this.renew(AbortSignal.any([stopped, AbortSignal.timeout(this.quarter)]));
      } catch (error) {
        if (stopped.aborted || this.reason) return;
        if (clock.mono() - this.renewed.mono < this.quarter * 3) continue;
        this.lose(`it could not be renewed in time: ${(error as Error).message}`);
      }
    }
  }

  /** The monotonic clock stands still while a laptop sleeps, the wall clock may be set: the later one counts. */
  async ensure(): Promise<void> {
    const { clock } = this.options;
    if (this.reason) throw this.reason;
    const age = Math.max(clock.mono() - this.renewed.mono, clock.now() - this.renewed.now);
    if (age < this.quarter * 3) return;
    await this.renew(AbortSignal.timeout(this.quarter)).catch((error: Error) => {
      throw this.lose(`it could not be renewed in time: ${error.message}`);
    });
  }

  private async renew(signal: AbortSignal): Promise<void> {
    const { cluster, clock } = this.options;
    const begun = { mono: clock.mono(), now: clock.now() };
    const lease = await cluster.get(leaseRef(this.identity), signal);
    if (!lease || holderOf(lease) !== this.identity.holder)
      throw this.lose(lease ? `${holderOf(lease) || 'somebody'} has it` : 'it was deleted');
    await cluster.replace(manifest(this.identity, this.seconds, clock, lease), {}, signal);
    this.renewed = begun;
  }

  private lose(why: string): MisfortuneError {
    if (this.reason) return this.reason;
    this.reason = lost(why);
    this.options.onLost?.(this.reason);
    return this.reason;
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
