import { isDeepStrictEqual } from 'node:util';
import type { ClusterObject, Ref } from '../../cluster/cluster.ts';
import type { FieldValue } from '../../cluster/fields/changes.ts';
import type { Engine } from '../engine.ts';
import type { Before, LedgerEntry } from '../ledger/entry.ts';
import { ledgerState, type OurChange } from '../ledger/state.ts';
import type { Operation } from '../operation.ts';

/** What the ledger keeps of an operation before it is made. */
export interface Intent {
  before: Before;
  /** How the touched fields are meant to be. */
  intended: FieldValue[];
}

/** An object that was read before its operation's turn. */
export interface FirstLook {
  object: ClusterObject | undefined;
}

/** Reads the object each time it is called; the first time it gives what was read ahead. */
export function looking(
  ref: Ref,
  { cluster, signal }: Engine,
  ahead: FirstLook | undefined,
): () => Promise<ClusterObject | undefined> {
  let first = ahead;
  return async () => {
    const look = first ?? { object: await cluster.get(ref, signal) };
    first = undefined;
    return look.object;
  };
}

/** Puts it into the ledger, unless that has the same already. Only then may the change be made. */
export async function record(operation: Operation, intent: Intent, engine: Engine): Promise<void> {
  const entry = entryOf(operation, intent, engine);
  if (entry) await engine.ledger.append(entry);
  engine.emit({ type: 'operation-recorded', id: operation.id });
}

/** The ledger's entry; undefined if it has the same already. */
export function entryOf(operation: Operation, intent: Intent, engine: Engine): LedgerEntry | undefined {
  const { id } = operation;
  if (isDeepStrictEqual(knownChange(id, engine)?.before, intent.before)) return undefined;
  return { type: 'recorded', id, operation, ...intent };
}

/** What the ledger says of an operation. */
export function knownChange(id: string, { ledger }: Engine): OurChange | undefined {
  for (const change of ledgerState(ledger.entries).changes)
    if (change.by === 'us' && change.operation.id === id) return change;
  return undefined;
}
