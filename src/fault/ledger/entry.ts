import type { LeaseIdentity } from '../../cluster/access/lease.ts';
import type { ClusterObject, Permission, Ref } from '../../cluster/cluster.ts';
import type { FieldValue } from '../../cluster/fields/changes.ts';
import type { ClusterIdentity } from '../../cluster/identity.ts';
import type { Scale } from '../../cluster/scales.ts';
import type { Verdict } from '../../log/events.ts';
import type { Preimage } from '../../recorder/action.ts';
import type { Operation } from '../operation.ts';

/** One line of the ledger. Written and synced before, or right after, what it tells of. */
export type LedgerEntry =
  /** Always the first. A ledger of another cluster is refused by these. */
  | ({ type: 'opened'; version: 1 } & LedgerHead)
  /** Before the change: how things were, touched fields only, and how they are meant to be after it. */
  | { type: 'recorded'; id: string; operation: Operation; before: Before; intended: FieldValue[] }
  /** The API server took it: what it made of it. */
  | { type: 'applied'; id: string; uid?: string; after: FieldValue[] }
  | { type: 'verified'; id: string; verdict: Verdict; seen: string }
  /** A write of a responder: once before it is forwarded, and again, with `after`, when it is answered. */
  | { type: 'responder'; preimage: Preimage }
  /** A conflict was decided by a person. */
  | { type: 'decided'; ref: Ref; side: ConflictSide }
  /** Before the object of this UID is deleted, to be created like this: a patch could not put it back. */
  | { type: 'replacing'; ref: Ref; uid: string; object: ClusterObject }
  /** Undone in the middle of the game, and read again: a turn of a fault that comes and goes is over. */
  | { type: 'withdrawn'; id: string }
  | { type: 'reverted'; id: string; verdict: Verdict; seen: string }
  /** The cluster was read again and is as it was, or differs in these. */
  | { type: 'restored'; differences: string[]; conflicts: string[]; left?: string[]; by?: 'guardian' }
  /** Pre-images are gone; only what happened is left. */
  | { type: 'erased'; at: number };

/** What whoever restores has to know of the game. */
export interface LedgerHead {
  game: string;
  cluster: ClusterIdentity;
  /** Wall ms. */
  at: number;
  lease?: LeaseIdentity;
  /** The namespace with the copy of this ledger; none: there is only the file. */
  namespace?: string;
  /** What the responders change is undone as well. */
  undoResponder?: boolean;
  /** The namespace with the game's mailbox and the letters of responders, to be removed after it. */
  mailbox?: string;
  /** All that undoing asks of RBAC. */
  needs?: Permission[];
  /** Objects of the guardian that this game brought along, to be removed after it. */
  guardian?: Ref[];
  /** The workloads' numbers of pods before the game: autoscalers that it makes change them. */
  scales?: Scale[];
  /** Workloads that were not rolled out before the game: restoring does not wait for them. */
  unready?: Ref[];
}

/** `ours`: put back what was before the game; `theirs`: keep what somebody made of it since. */
export type ConflictSide = 'ours' | 'theirs';

/** How the operation's object was before. */
export type Before =
  | { existed: false }
  /** patch: the touched fields. run: the check's first answer as `check`; none while it is not known. */
  | { existed: true; uid: string; fields: FieldValue[] }
  /** delete: the whole object, without what the server gives it. */
  | { existed: true; uid: string; object: ClusterObject };
