import { isDeepStrictEqual } from 'node:util';
import type { ClusterObject } from '../../cluster/cluster.ts';
import type { FieldValue } from '../../cluster/fields/changes.ts';
import { fieldAt, withField } from '../../cluster/fields/path.ts';
import { recreatable } from '../../cluster/fields/server-fields.ts';
import { type Conflict, mergeThreeWay } from '../../cluster/fields/three-way.ts';
import type { ConflictSide } from '../ledger/entry.ts';
import { nonceOf } from '../ledger/nonce.ts';
import type { OurChange, OurUndoing, RecordedChange, ResponderChange } from '../ledger/state.ts';
import { withoutPassing } from './passing.ts';

/** How one object is to be, so that our changes and the responder's are undone and nobody else's. */
export interface Unwound {
  /** undefined: it is not to be there. */
  target: ClusterObject | undefined;
  conflicts: Conflict[];
  /** What could not be undone, in words: "it is gone". */
  notes: string[];
  /** It is there as the last change that is known had left it: nobody else has changed it. */
  isKnown: boolean;
}

export interface UnwindOptions {
  undoResponder: boolean;
  /** How a person decided the conflicts of this object. */
  side?: ConflictSide;
}

/**
 * Undoes the changes of one object on paper: newest first, from how the last of them had left it back to how
 * it was before the first. What that made of the object is then merged with how it is now, so that what others
 * did since stays. Pure, and of a restored object it wants no change: so it can be asked again after every read.
 * Undoing on paper and writing once also spares the cluster the states in between (the fault coming back).
 */
export function unwind(
  now: ClusterObject | undefined,
  changes: readonly RecordedChange[],
  options: UnwindOptions,
): Unwound {
  const counted = withoutPast(changes.filter((change) => change.by !== 'responder' || options.undoResponder));
  const paper: Paper = {
    state: lastKnown(now, counted),
    conflicts: [],
    prefer: options.side === 'ours' ? 'target' : 'current',
  };
  const base = paper.state;
  let found = now && plain(now);
  for (const change of [...counted].reverse()) {
    if (change.by === 'us') undoOurs(paper, change);
    else if (change.by === 'undoing') redoOurs(paper, change.of);
    else {
      undoResponders(paper, change, found);
      found = change.preimage.before && plain(change.preimage.before as ClusterObject);
    }
  }
  const isKnown = isDeepStrictEqual(now && plain(now), base);
  const result = { ...settleExistence(now, base, paper, counted), isKnown };
  // What a person decided is no conflict any more.
  return options.side === undefined ? result : { ...result, conflicts: [] };
}

/**
 * Without what was done and undone in the middle of the game. It counts only where a responder wrote after it was done:
 * what that write found, and undoing it would give back, may still be how ours had made it.
 */
function withoutPast(changes: readonly RecordedChange[]): readonly RecordedChange[] {
  const lastResponder = changes.findLastIndex(({ by }) => by === 'responder');
  const past = new Set(
    changes.filter((change, index) => change.by === 'us' && change.withdrawn && index > lastResponder),
  );
  return changes.filter((change) => !past.has(change.by === 'undoing' ? change.of : change));
}

interface Paper {
  /** Without identity, status and passing marks; undefined: absent. */
  state: ClusterObject | undefined;
  conflicts: Conflict[];
  prefer: 'current' | 'target';
}

/** How the newest change had left the object, as far as that is known. */
function lastKnown(
  now: ClusterObject | undefined,
  changes: readonly RecordedChange[],
): ClusterObject | undefined {
  const lastResponder = changes.findLastIndex((change) => change.by === 'responder');
  const responder = changes[lastResponder] as ResponderChange | undefined;
  const ours = changes.slice(lastResponder + 1) as (OurChange | OurUndoing)[];
  let state = now && plain(now);
  if (responder && ours.length === 0) {
    if (isDeletion(responder)) state = undefined;
    else state = answerOf(responder) ?? state;
  }
  for (const change of ours) {
    const { operation, before } = change.by === 'us' ? change : change.of;
    if (operation.verb === (change.by === 'us' ? 'delete' : 'create')) state = undefined;
    const fields = change.by === 'us' ? madeOf(change) : 'fields' in before ? before.fields : [];
    for (const { path, value } of fields) if (state) state = withField(state, path, value);
  }
  return state;
}

/** The touched fields as the change had left them. */
function madeOf({ applied, intended }: OurChange): readonly FieldValue[] {
  return applied?.after ?? intended;
}

/** On paper, how it was while a change of ours was there that has been undone since. What it made comes back nowhere else. */
function redoOurs(paper: Paper, change: OurChange): void {
  const { operation, before } = change;
  if (operation.verb === 'delete') paper.state = undefined;
  if (operation.verb !== 'patch' || !('fields' in before)) return;
  before.fields.forEach(({ path, value }, index) => {
    if (!paper.state) return;
    const now = fieldAt(paper.state, path);
    const { value: made } = mergeThreeWay(value, now, madeOf(change)[index]?.value, 'current', path);
    paper.state = withField(paper.state, path, made);
  });
}

function undoOurs(paper: Paper, change: OurChange): void {
  const { operation, before, withdrawn } = change;
  if (operation.verb === 'create') paper.state = undefined;
  if (operation.verb === 'delete' && 'object' in before) paper.state ??= before.object;
  if (operation.verb !== 'patch' || !('fields' in before)) return;
  before.fields.forEach(({ path, value }, index) => {
    if (!paper.state) return;
    const base = madeOf(change)[index]?.value;
    // Of one that was undone only what shows of it again is taken away.
    const prefer = withdrawn ? 'current' : paper.prefer;
    const merged = mergeThreeWay(base, fieldAt(paper.state, path), value, prefer, path);
    if (!withdrawn) paper.conflicts.push(...merged.conflicts);
    paper.state = withField(paper.state, path, merged.value);
  });
}

/** `found`: what the next change found, which tells best what this one had made where its answer is missing. */
function undoResponders(paper: Paper, change: ResponderChange, found: ClusterObject | undefined): void {
  const { before } = change.preimage;
  if (!before) {
    paper.state = undefined;
    return;
  }
  const target = plain(before as ClusterObject);
  const after = answerOf(change) ?? found;
  if (!paper.state || isDeletion(change) || !after) {
    paper.state ??= isDeletion(change) ? target : undefined;
    return;
  }
  const merged = mergeThreeWay(after, paper.state, target, paper.prefer);
  paper.conflicts.push(...merged.conflicts);
  paper.state = merged.value as ClusterObject;
}

/** Brings together what the paper wants and what is there now. */
function settleExistence(
  now: ClusterObject | undefined,
  base: ClusterObject | undefined,
  { state, conflicts, prefer }: Paper,
  changes: readonly RecordedChange[],
): Omit<Unwound, 'isKnown'> {
  if (!now) {
    const gone = (base !== undefined || isPatch(changes.at(-1))) && !isOwn(changes);
    const notes = gone ? ['somebody deleted it: there is nothing to restore'] : [];
    return { target: base === undefined ? state : undefined, conflicts: [], notes };
  }
  if (!state) {
    if (isMade(now, changes)) return { target: undefined, conflicts, notes: [] };
    const notes = ['an object of that name exists that this game did not create: it is kept'];
    return { target: now, conflicts: [], notes };
  }
  // A deletion that did not happen, or whose object is back: what the deletion found is what there was last.
  const merged = mergeThreeWay(base ?? deletedObject(changes), plain(now), state, prefer);
  const value = merged.value as ClusterObject;
  return { target: value, conflicts: [...conflicts, ...merged.conflicts], notes: [] };
}

/** Whether the object is one that we, or the responder, made. */
function isMade(now: ClusterObject, changes: readonly RecordedChange[]): boolean {
  return changes.some((change) => {
    if (change.by === 'us') {
      if (change.operation.verb !== 'create') return false;
      const uid = change.applied?.uid;
      return nonceOf(now) === change.operation.nonce || (uid !== undefined && uid === now.metadata.uid);
    }
    if (change.by === 'undoing' || change.preimage.before) return false;
    const made = change.preimage.after as ClusterObject | undefined;
    return made === undefined || made.metadata.uid === now.metadata.uid;
  });
}

function isPatch(change: RecordedChange | undefined): boolean {
  return change?.by === 'us' && change.operation.verb === 'patch';
}

/** Whether the object is there only because of us: then its absence is how it was. */
function isOwn(changes: readonly RecordedChange[]): boolean {
  return changes.some((change) => change.by === 'us' && change.operation.verb === 'create');
}

function deletedObject(changes: readonly RecordedChange[]): ClusterObject | undefined {
  const last = changes.at(-1);
  if (last?.by === 'responder') return last.preimage.before && plain(last.preimage.before as ClusterObject);
  return last?.by === 'us' && 'object' in last.before ? last.before.object : undefined;
}

/** The object as the write's answer showed it. A subresource answers with a kind of its own (Scale). */
function answerOf({ preimage }: ResponderChange): ClusterObject | undefined {
  const after = preimage.after as ClusterObject | undefined;
  if (!after || isDeletion({ by: 'responder', preimage })) return undefined;
  const kind = (preimage.before as ClusterObject | undefined)?.kind ?? preimage.kind;
  return kind && after.kind !== kind ? undefined : plain(after);
}

function isDeletion({ preimage }: ResponderChange): boolean {
  return preimage.verb === 'delete' || preimage.verb === 'deletecollection';
}

function plain(object: ClusterObject): ClusterObject {
  return withoutPassing(recreatable(object));
}
