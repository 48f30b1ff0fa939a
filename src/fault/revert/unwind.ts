import type { ClusterObject } from '../../cluster/cluster.ts';
import { fieldAt, withField } from '../field-path.ts';
import type { ConflictSide } from '../ledger-entry.ts';
import type { OurChange, RecordedChange, ResponderChange } from '../ledger-state.ts';
import { nonceOf } from '../nonce.ts';
import { stated } from '../server-fields.ts';
import { type Conflict, mergeThreeWay } from '../three-way.ts';
import { withoutPassing } from './passing.ts';

/** How one object is to be, so that our changes and the responder's are undone and nobody else's. */
export interface Unwound {
  /** undefined: it is not to be there. */
  target: ClusterObject | undefined;
  conflicts: Conflict[];
  /** What could not be undone, in words: "it is gone". */
  notes: string[];
}

/**
 * Undoes the changes of one object on paper, newest first, starting from how it is now. Pure: it can be asked
 * again after every read, and when it wants no change any more, the object is restored. Undoing on paper and
 * writing once also spares the cluster the states in between (the fault coming back for a moment).
 */
export function unwind(
  now: ClusterObject | undefined,
  changes: readonly RecordedChange[],
  options: { undoResponder: boolean; side?: ConflictSide },
): Unwound {
  const result: Unwound = { target: now, conflicts: [], notes: [] };
  const prefer = options.side === 'ours' ? 'target' : 'current';
  // Without the answer to a write, what the next one found tells best what it had made of the object.
  let found: ClusterObject | undefined = now;
  for (const change of [...changes].reverse()) {
    if (change.by === 'us') undoOurs(result, change, prefer);
    else if (options.undoResponder) undoResponders(result, change, found, prefer);
    if (change.by === 'responder') found = change.preimage.before as ClusterObject | undefined;
  }
  if (options.side !== undefined) result.conflicts = [];
  return result;
}

function undoOurs(result: Unwound, change: OurChange, prefer: 'current' | 'target'): void {
  const { operation, before, applied } = change;
  const { target } = result;
  if (operation.verb === 'create') {
    if (!target) return;
    const ours = nonceOf(target) === operation.nonce || (applied?.uid && target.metadata.uid === applied.uid);
    if (ours) result.target = undefined;
    else result.notes.push('an object of that name is there that this game did not make: it stays');
  } else if (operation.verb === 'delete') {
    if (!target && 'object' in before) result.target = before.object;
  } else if (operation.verb === 'patch' && 'fields' in before) {
    if (!target) {
      result.notes.push('it was deleted by somebody: there is nothing to put back');
      return;
    }
    before.fields.forEach(({ path, value }, index) => {
      const base = applied?.after[index] ?? change.intended[index];
      const current = fieldAt(result.target, path);
      const merged = mergeThreeWay(base?.value, current, value, prefer, path);
      result.conflicts.push(...merged.conflicts);
      result.target = withField(result.target!, path, merged.value);
    });
  }
}

function undoResponders(
  result: Unwound,
  change: ResponderChange,
  found: ClusterObject | undefined,
  prefer: 'current' | 'target',
): void {
  const before = change.preimage.before as ClusterObject | undefined;
  const { target } = result;
  // A subresource answers with a kind of its own (Scale), which says nothing about the fields.
  const answered = change.preimage.after as ClusterObject | undefined;
  const after = answered && (!before || answered.kind === before.kind) ? answered : found;
  if (!before) {
    // Made by the responder. Another of the same name that came later is not theirs.
    if (target && (!after || after.metadata.uid === target.metadata.uid)) result.target = undefined;
    return;
  }
  if (!target) {
    if (change.preimage.verb === 'delete' || change.preimage.verb === 'deletecollection')
      result.target = before;
    else result.notes.push('it was deleted by somebody: there is nothing to put back');
    return;
  }
  if (!after || change.preimage.verb.startsWith('delete')) return;
  const [base, current, goal] = [after, target, before].map((object) => withoutPassing(stated(object)));
  const merged = mergeThreeWay(base, current, goal, prefer);
  result.conflicts.push(...merged.conflicts);
  const value = merged.value as ClusterObject;
  // The identity is what tells our own objects and newer ones of the same name apart.
  result.target = { ...value, metadata: { ...value.metadata, uid: target.metadata.uid } };
}
