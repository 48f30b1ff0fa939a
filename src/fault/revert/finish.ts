import type { Clock } from '../../clock.ts';
import type { GameLease } from '../../cluster/access/lease.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Restored } from './revert.ts';

/**
 * The end of a game or of a recovery: lets go of the Lease, and then erases the pre-images if all is restored. In this
 * order: a ledger that is erased says that nothing of the game is left in the cluster, its Lease included. Throws
 * what releasing throws; the ledger then waits for `recover`.
 */
export async function finish(
  {
    ledger,
    lease,
    clock,
  }: { ledger: Pick<Ledger, 'erase'>; lease: Pick<GameLease, 'release'>; clock: Clock },
  restored: Restored | undefined,
): Promise<void> {
  await lease.release();
  if (restored && restored.differences.length + restored.conflicts.length === 0)
    await ledger.erase(clock.now());
}
