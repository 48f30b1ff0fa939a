import { inTurn } from '../../cluster/wait/in-turn.ts';
import type { ClusterLedger } from './cluster-ledger.ts';
import type { LedgerEntry } from './entry.ts';
import type { Ledger } from './ledger.ts';

export interface LedgerPair extends Ledger {
  readonly copy: ClusterLedger;
  /** From now on entries go into the file only: somebody else carries on with the copy. It goes with the file all the same. */
  leaveCopy(): void;
}

/**
 * A ledger in two places: an entry is there when the file is synced and the cluster has it too. An entry whose copy
 * failed is in the file only; the change that it announces is not made, and the copy gets it with the next one.
 */
export function ledgerPair(file: Ledger, copy: ClusterLedger): LedgerPair {
  let isLeft = false;
  // The copies have to have the same order, or their checksums differ.
  const enqueue = inTurn();
  return {
    entries: file.entries,
    append: (...entries: LedgerEntry[]) =>
      enqueue(async () => {
        await file.append(...entries);
        if (!isLeft) await copy.append(...entries);
      }),
    note: (entry: LedgerEntry) =>
      enqueue(async () => {
        await file.note(entry);
        if (!isLeft) await copy.note(entry);
      }),
    flush: () =>
      enqueue(async () => {
        await file.flush();
        if (!isLeft) await copy.flush();
      }),
    erase: (at) =>
      enqueue(async () => {
        // The file goes last: as long as it is there, `recover` finds what a crash in between leaves.
        await copy.remove();
        await file.erase(at);
      }),
    copy,
    leaveCopy() {
      isLeft = true;
    },
    close: () => enqueue(() => file.close()),
  };
}
