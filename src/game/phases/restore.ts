import { removeMade } from '../../check/kind.ts';
import { leaseHolder } from '../../cluster/access/lease.ts';
import { describeError, MisfortuneError } from '../../errors.ts';
import { removeGuardian } from '../../fault/guardian/bring.ts';
import { isGuardian } from '../../fault/guardian/settings.ts';
import { readClusterLedger } from '../../fault/ledger/cluster-ledger-read.ts';
import type { Ledger } from '../../fault/ledger/ledger.ts';
import { ledgerState } from '../../fault/ledger/state.ts';
import { finish } from '../../fault/revert/finish.ts';
import { type Restored, revert } from '../../fault/revert/revert.ts';
import { restorePatience } from '../intervals.ts';
import { enter, type Play } from '../play.ts';
import type { Hold } from './hold.ts';

/** Between attempts while the API server does not answer, real ms. */
const retryAfter = 2000;

/**
 * Puts the cluster back and verifies it, whatever ended the game: a signal that ended it does not end this. Undefined:
 * nothing was changed. An API server that does not answer is asked again for two minutes; then the difference says why,
 * and the ledger waits for `misfortune recover`.
 */
export async function restore(play: Play, hold: Hold): Promise<Restored | undefined> {
  enter(play, 'restore');
  const { clock, setup, health, acting } = play;
  // A check that nobody looked at any more: else its Job would be a difference. Without an answer it goes by itself.
  for (const text of acting.made.keys()) await removeMade(acting, text, setup.cluster).catch(() => undefined);
  const { ledger } = hold;
  if (!ledger) return undefined;
  const begun = clock.mono();
  for (;;) {
    try {
      if (hold.isLost) {
        await hold.takeLease();
        if (await wasRestoredElsewhere(play, hold)) return { differences: [], conflicts: [] };
      }
      const engine = hold.engine(new AbortController().signal);
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

/** Whoever took the Lease over may have put everything back: it says so in the copy of the ledger. */
async function wasRestoredElsewhere({ setup, log }: Play, { copy }: Hold): Promise<boolean> {
  if (!copy || !setup.guardian) return false;
  copy.leaveCopy();
  const place = { namespace: setup.guardian.namespace, id: copy.copy.id };
  const now = await readClusterLedger(setup.cluster, place.namespace, place.id);
  const state = now && ledgerState(now.entries);
  if (!state?.erased) return false;
  log.append({ type: 'restore-verified', differences: [], conflicts: [] });
  log.append({ type: 'recovered', by: state.restored?.by === 'guardian' ? 'the guardian' : 'somebody else' });
  return true;
}

/** Whether the guardian has the Lease, or has put everything back. */
export async function isWithGuardian({ setup }: Play, { copy }: Hold): Promise<boolean> {
  if (!copy || !setup.guardian) return false;
  try {
    const holder = await leaseHolder(setup.cluster);
    if (holder !== undefined && isGuardian(holder)) return true;
    const now = await readClusterLedger(setup.cluster, setup.guardian.namespace, copy.copy.id);
    return now !== undefined && ledgerState(now.entries).restored?.by === 'guardian';
  } catch {
    // Restoring will say what the cluster does not answer.
    return false;
  }
}

/** Takes the guardian away, lets go of the Lease and of the pre-images. Where that fails, the ledger waits for `misfortune recover`. */
export async function release(play: Play, hold: Hold, restored: Restored | undefined): Promise<void> {
  const { clock, health } = play;
  const { ledger, lease } = hold;
  if (!ledger || !lease) return;
  try {
    const isClean = restored && restored.differences.length + restored.conflicts.length === 0;
    const { guardian = [] } = ledgerState(ledger.entries).opened ?? {};
    if (isClean) await removeGuardian(guardian, play.setup.cluster);
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
    append: (...entries) => lenient(ledger.append(...entries)),
    note: (entry) => lenient(ledger.note(entry)),
    flush: () => lenient(ledger.flush()),
    erase: (at) => lenient(ledger.erase(at)),
    close: () => ledger.close(),
  };
}

function leave({ log }: Play, reason: string): Restored {
  const left = { differences: [`not restored: ${reason}`], conflicts: [] };
  log.append({ type: 'restore-verified', ...left });
  return left;
}
