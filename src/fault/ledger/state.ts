import type { FieldValue } from '../../cluster/fields/changes.ts';
import { formatRef } from '../../cluster/ref.ts';
import type { Preimage } from '../../recorder/action.ts';
import type { Operation } from '../operation.ts';
import type { Before, ConflictSide, LedgerEntry } from './entry.ts';

/** What a ledger says, reduced. Changes are in the order in which they were announced. */
export interface LedgerState {
  opened: Extract<LedgerEntry, { type: 'opened' }> | undefined;
  changes: RecordedChange[];
  /** By `formatRef`. */
  decisions: Map<string, ConflictSide>;
  /** Objects that are deleted to be made anew, by `formatRef`. */
  replacing: Map<string, Extract<LedgerEntry, { type: 'replacing' }>>;
  restored: Extract<LedgerEntry, { type: 'restored' }> | undefined;
  erased: boolean;
}

export type RecordedChange = OurChange | OurUndoing | ResponderChange;

export interface OurChange {
  by: 'us';
  operation: Operation;
  before: Before;
  /** How the touched fields were meant to be. */
  intended: FieldValue[];
  /** Missing if it is not known whether the change was made. */
  applied?: { uid?: string; after: FieldValue[] };
  /** It was undone in the middle of the game: what differs from it since is not its doing. */
  withdrawn?: true;
}

/** One of our changes was undone in the middle of the game: from here on things were as before it. */
export interface OurUndoing {
  by: 'undoing';
  of: OurChange;
}

export interface ResponderChange {
  by: 'responder';
  preimage: Preimage;
}

export function ledgerState(entries: readonly LedgerEntry[]): LedgerState {
  const state: LedgerState = {
    opened: undefined,
    changes: [],
    decisions: new Map(),
    replacing: new Map(),
    restored: undefined,
    erased: false,
  };
  const ours = new Map<string, OurChange>();
  const theirs = new Map<string, ResponderChange>();
  for (const entry of entries) {
    if (entry.type === 'opened') state.opened = entry;
    else if (entry.type === 'recorded') {
      const { operation, before, intended } = entry;
      const known = ours.get(entry.id);
      const change: OurChange = { by: 'us', operation, before, intended };
      // Announced again: the first attempt met somebody else's change and was not made.
      if (known) state.changes.splice(state.changes.indexOf(known), 1);
      ours.set(entry.id, change);
      state.changes.push(change);
    } else if (entry.type === 'applied') {
      const change = ours.get(entry.id);
      if (change) change.applied = { uid: entry.uid, after: entry.after };
    } else if (entry.type === 'withdrawn') {
      const change = ours.get(entry.id);
      if (change && !change.withdrawn) state.changes.push({ by: 'undoing', of: change });
      if (change) change.withdrawn = true;
    } else if (entry.type === 'responder') {
      const key = preimageKey(entry.preimage);
      const known = theirs.get(key);
      if (entry.preimage.refused) {
        state.changes = state.changes.filter((change) => change !== known);
        theirs.delete(key);
      } else if (known) known.preimage = { ...known.preimage, after: entry.preimage.after };
      else {
        const change: ResponderChange = { by: 'responder', preimage: entry.preimage };
        theirs.set(key, change);
        state.changes.push(change);
      }
    } else if (entry.type === 'decided') state.decisions.set(formatRef(entry.ref), entry.side);
    else if (entry.type === 'replacing') state.replacing.set(formatRef(entry.ref), entry);
    else if (entry.type === 'restored') state.restored = entry;
    else if (entry.type === 'erased') state.erased = true;
  }
  return state;
}

/** What the records of one write have in common. Every recorder counts for itself. */
export function preimageKey(preimage: Preimage): string {
  return JSON.stringify([preimage.who, preimage.actionId, preimage.sequence]);
}
