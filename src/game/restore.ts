import { describeError, MisfortuneError } from '../errors.ts';
import { finish } from '../fault/finish.ts';
import type { Ledger } from '../fault/ledger.ts';
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
      const engine = engineOf(play, new AbortController().signal);
      const patient = { ...engine, ledger: withoutDisk(ledger, play) };
      return await revert(patient, { undoResponder: setup.undoResponders });
    } catch (error) {
      const reason = describeError(error);
      health.failed('cluster', reason);
      const isTaken = error instanceof MisfortuneError && error.code === 'other-game';
      const isHopeless = isTaken || setup.isGone?.();
      if (isHopeless || clock.mono() - begun > restorePatience) return leave(play, reason);
      await clock.sleep(retryAfter);
    }
  }
}

/** Lets go of the Lease and of the pre-images. Where that fails, the ledger waits for `misfortune recover`. */
export async function letGo(play: Play, restored: Restored | undefined): Promise<void> {
  const { ledger, lease, clock, health } = play;
  if (!ledger || !lease) return;
  try {
    await finish({ ledger: withoutDisk(ledger, play), lease, clock }, restored);
  } catch (error) {
    health.failed('cluster', describeError(error));
  }
}

/**
 * Restoring must not wait for a full disk: it looks at what is there, so entries that are not written cost nothing but a
 * second look by `recover`.
 */
function withoutDisk(ledger: Ledger, { health }: Play): Ledger {
  const lenient = (writing: Promise<void>) =>
    writing.catch((error: unknown) => health.failed('disk', describeError(error)));
  return {
    entries: ledger.entries,
    append: (entry) => lenient(ledger.append(entry)),
    erase: (at) => lenient(ledger.erase(at)),
    close: () => ledger.close(),
  };
}

function leave({ log }: Play, reason: string): Restored {
  const left = { differences: [`not restored: ${reason}`], conflicts: [] };
  log.append({ type: 'restore-verified', ...left });
  return left;
}
