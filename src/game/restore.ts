import { describeError, MisfortuneError } from '../errors.ts';
import { type Restored, revert } from '../fault/revert.ts';
import { engineOf } from './inject.ts';
import { restorePatience } from './intervals.ts';
import { holdLease } from './lease.ts';
import { enter, type Play } from './play.ts';

/** Between attempts while the API server does not answer, real ms. */
const retryAfter = 2000;

/**
 * Puts the cluster back and verifies it, whatever ended the game: a signal that ended it does not end this. Undefined:
 * nothing was changed. An API server that does not answer is asked again for two minutes; then the difference says why,
 * and the ledger waits for `misfortune recover`.
 */
export async function restore(play: Play): Promise<Restored | undefined> {
  enter(play, 'restore');
  const { ledger, clock, setup, health } = play;
  if (!ledger) return undefined;
  const begun = clock.mono();
  for (;;) {
    try {
      if (play.leaseLost) await holdLease(play);
      return await revert(engineOf(play, new AbortController().signal), {
        undoResponder: setup.undoResponders,
      });
    } catch (error) {
      const reason = describeError(error);
      health.failed('cluster', reason);
      const isTaken = error instanceof MisfortuneError && error.code === 'other-game';
      if (isTaken || clock.mono() - begun > restorePatience) return leave(play, reason);
      await clock.sleep(retryAfter);
    }
  }
}

function leave({ log }: Play, reason: string): Restored {
  const left = { differences: [`not restored: ${reason}`], conflicts: [] };
  log.append({ type: 'restore-verified', ...left });
  return left;
}
