import type { ClusterObject, Ref } from '../cluster/cluster.ts';
import type { FieldChange } from '../cluster/fields/changes.ts';
import { formatRef, singular } from '../cluster/ref.ts';
import type { ReadyCondition } from '../cluster/wait/ready.ts';
import { MisfortuneError } from '../errors.ts';
import type { OperationSummary } from '../log/events.ts';

/**
 * A reversible primitive that faults compile to. Plain data: it is written to the ledger, and another process
 * or machine can revert it without the fault type that made it.
 */
export type Operation = CreateOperation | PatchOperation | DeleteOperation | RunOperation;

/** What a fault type returns; the plan numbers it and says which fault it belongs to. */
export type OperationDraft = Draft<CreateOperation | PatchOperation | DeleteOperation | RunOperation>;
type Draft<T> = T extends Operation ? Omit<T, 'id' | 'fault' | 'role' | 'afterMs'> : never;

interface OperationHead {
  /** Unique in the plan: `<fault>-<n>`. */
  id: string;
  /** Id of the fault in the scenario. */
  fault: string;
  /** Milliseconds after the injection began; earlier ones come first. */
  afterMs: number;
  /** What the fault is in its scenario, if it is not what is wrong. */
  role?: 'decoy' | 'noise';
  ref: Ref;
  /** One line for the game master. */
  describe: string;
  /** `heals`: comes back by itself. `lasting`: cannot be undone and needs consent. */
  reverts: 'reverts' | 'heals' | 'lasting';
  /** What must hold after it before the next one starts. */
  ready: ReadyCondition[];
  /** What must hold again once all is undone: killed pods are back. Nothing is written for it. */
  healed?: ReadyCondition[];
  /** Workloads whose pods keep what they read as they started: see `Readers`. */
  readers?: Readers[];
  /** Undone after all others instead of in its turn: a restart that has to read what they put back. */
  undoneLast?: boolean;
  /** When the fault ends without anyone's help, seconds after it began; undefined: only by being reverted. */
  endsAfterSeconds?: number;
}

/**
 * A workload whose pods read the object only as they start. Once it is put back, those that started since the plan was made are
 * ended, so that new ones read it: whether they took what was changed does not show from outside.
 */
export interface Readers {
  ref: Ref;
  /** UIDs of the pods that ran before: they never read what was changed. */
  before: string[];
}

export interface CreateOperation extends OperationHead {
  verb: 'create';
  /** Complete manifest, with the nonce already in its annotations. */
  object: ClusterObject;
  /** Its pods run a program of ours: that they are refused is never what a fault is about. */
  runsOurs?: true;
  /** By this the object is recognised after a crash. */
  nonce: string;
}

export interface PatchOperation extends OperationHead {
  verb: 'patch';
  changes: FieldChange[];
}

export interface DeleteOperation extends OperationHead {
  verb: 'delete';
  propagation: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
}

/**
 * For what has no field in the API (SQL, a node): three Jobs. All are idempotent; `check` prints `injected`,
 * `original` or `other` as its last line.
 */
export interface RunOperation extends OperationHead {
  verb: 'run';
  do: ClusterObject;
  undo: ClusterObject;
  check: ClusterObject;
  nonce: string;
  /** Seconds that each Job may take. */
  within: number;
}

/**
 * Carries the nonce of created objects. It is the annotation that Helm charts use to restart pods when their
 * configuration changes, so nobody wonders about it; the value is as long as theirs (64 hex digits).
 */
export const nonceAnnotation = 'checksum/config';

/** Kinds whose deletion takes more with it than a pre-image can give back. */
const undeletable = new Set([
  'namespace',
  'persistentvolume',
  'persistentvolumeclaim',
  'customresourcedefinition',
  'node',
]);

export function isDeletable({ kind }: { kind: string }): boolean {
  return !undeletable.has(singular(kind));
}

/** Throws MisfortuneError `undeletable` for kinds that hold what no pre-image can restore. */
export function assertDeletable(kind: { kind: string }): void {
  if (!isDeletable(kind))
    throw new MisfortuneError(
      'undeletable',
      `A fault may not delete a ${kind.kind}: what is deleted with it cannot be restored.`,
      { todo: 'Patch a field instead: that can be undone.' },
    );
}

/** What people and the log see of an operation. */
export function summary(operation: Operation): OperationSummary {
  const { id, fault, verb, describe, reverts, role } = operation;
  return { id, fault, verb, ref: formatRef(operation.ref), describe, reverts, ...(role && { role }) };
}
