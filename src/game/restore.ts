import { describeError } from '../errors.ts';
import { type Restored, revert } from '../fault/revert.ts';
import { engineOf } from './inject.ts';
import { restorePatience } from './intervals.ts';
import { enter, type Play } from './play.ts';

/** Between attempts while the API server does not answer, real ms. */
const retryAfter = 2000;

/**
 * Puts the cluster back and verifies it, whatever ended the game: a signal that ended it does not end this. Undefined:
 * nothing was changed. An API server that does not answer is asked again for two minutes; then `leftover` says why,
 * and the ledger waits for `misfortune recover`.
 */
export async function restore(play: Play): Promise<Restored | undefined> {
  enter(play, 'restore');
  const { ledger, clock, log, setup } = play;
  if (!ledger) return undefined;
  const begun = clock.mono();
  for (;;) {
    try {
      return await revert(engineOf(play, new AbortController().signal), {
        undoResponder: setup.undoResponders,
      });
    } catch (error) {
      const reason = describeError(error);
      play.health.failed('cluster', reason);
      if (clock.mono() - begun > restorePatience) {
        const left = { differences: [`not restored: ${reason}`], conflicts: [] };
        log.append({ type: 'restore-verified', ...left });
        return left;
      }
      await clock.sleep(retryAfter);
    }
  }
}
