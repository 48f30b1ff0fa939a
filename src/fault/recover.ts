import type { Clock } from '../clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { EventBody } from '../log/events.ts';
import { type Baseline, compare, takeBaseline } from './compare.ts';
import { finish } from './finish.ts';
import { assertSameCluster, clusterIdentity } from './identity.ts';
import { holderIsDead, leaseSeconds, takeLease } from './lease.ts';
import { openLedger } from './ledger.ts';
import { ledgerState } from './ledger-state.ts';
import { type Restored, type RevertOptions, revert } from './revert.ts';

export interface Recovered extends Restored {
  /** The ledger was erased before: nothing of that game was left. */
  already: boolean;
  /** What differs from the baseline, if one was given; somebody else's changes since then are among it. */
  fromBaseline?: string[];
}

export interface RecoverOptions extends RevertOptions {
  /** The ledger's file. */
  ledger: string;
  cluster: Cluster;
  clock: Clock;
  signal?: AbortSignal;
  emit(event: EventBody): void;
  /** Compare with how it was before the game, too. */
  baseline?: Baseline;
  /** Seconds of the Lease; for tests. */
  leaseSeconds?: number;
}

/**
 * Restores the cluster from a ledger, after a crash or in doubt; may be repeated. It takes the Lease first, so
 * it never writes beside a game that runs. Throws `ledger-missing`, `other-cluster`, `other-game`, or when the
 * cluster cannot be reached.
 */
export async function recover(options: RecoverOptions): Promise<Recovered> {
  const { cluster, clock, signal, emit } = options;
  const ledger = await openLedger(options.ledger);
  try {
    const { opened, erased } = ledgerState(ledger.entries);
    // Torn before its first line was whole: nothing was changed yet.
    if (!opened) return { differences: [], conflicts: [], already: true };
    if (erased) return { differences: [], conflicts: [], already: true, ...(await againstBaseline(options)) };
    assertSameCluster(opened.cluster, await clusterIdentity(cluster, signal));
    const lease = await takeLease({
      cluster,
      clock,
      signal,
      seconds: options.leaseSeconds ?? leaseSeconds,
      isDead: holderIsDead,
      ...(opened.lease && { place: { namespace: opened.lease.namespace, name: opened.lease.name } }),
    });
    let restored: Restored | undefined;
    try {
      restored = await revert({ cluster, ledger, clock, signal, emit }, options);
    } finally {
      await finish({ ledger, lease, clock }, restored);
    }
    return { ...restored, already: false, ...(await againstBaseline(options)) };
  } finally {
    await ledger.close();
  }
}

async function againstBaseline({
  baseline,
  cluster,
  clock,
  signal,
}: RecoverOptions): Promise<{ fromBaseline?: string[] }> {
  if (!baseline) return {};
  const now = await takeBaseline(cluster, baseline.namespaces, { clock, signal });
  return { fromBaseline: compare(baseline, now) };
}
