import { isGuardian } from '../fault/guardian/settings.ts';
import { holderIsDead, takeLease } from '../fault/lease.ts';
import type { Play } from './play.ts';

/**
 * Takes the cluster's Lease for this game, or takes it again after it was lost. `signal` ends the waiting only: the
 * Lease is released long after a game was aborted. @throws MisfortuneError `other-game`
 */
export async function holdLease(
  play: Play,
  { signal, holder }: { signal?: AbortSignal; holder?: string } = {},
): Promise<void> {
  const waiting = new AbortController();
  const giveUp = () => waiting.abort(signal?.reason);
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    play.lease = await takeLease({
      cluster: play.setup.cluster,
      clock: play.clock,
      signal: waiting.signal,
      isDead: holderIsDead,
      isWaitedFor: isGuardian,
      ...(play.setup.guardian && { seconds: play.setup.guardian.after }),
      ...(holder && { holder }),
      onLost: (reason) => {
        play.leaseLost = reason;
        play.abort(reason);
      },
    });
    play.leaseLost = undefined;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}
