import { describeError, MisfortuneError } from '../../errors.ts';
import { type ClusterLedgerContents, listClusterLedgers } from '../ledger/cluster-ledger-read.ts';
import { acknowledge } from './acknowledge.ts';
import { type GuardianOptions, lookAtHeartbeat, type Silence } from './heartbeat.ts';
import { isOrphan, rescue } from './rescue.ts';

/** Looks at the heartbeat, and at the ledgers; ms. */
const heartbeatEvery = 1_000;
const ledgersEvery = 4_000;

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
      silence = await lookAtHeartbeat(silence, options);
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
