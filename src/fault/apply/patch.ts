import { isDeepStrictEqual } from 'node:util';
import { formatRef } from '../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { touchedFields, valuesOf, withChanges } from '../field-changes.ts';
import { fieldAt } from '../field-path.ts';
import type { FieldValue } from '../ledger-entry.ts';
import { ledgerState } from '../ledger-state.ts';
import { mergeDiff } from '../merge-diff.ts';
import type { PatchOperation } from '../operation.ts';
import { persist } from '../persist.ts';
import { covers } from './verify.ts';

/**
 * Sets the fields, on exactly the state that was read: a change in between is a conflict and is read anew.
 * Throws `missing-object`, or `nothing-to-change` for a patch that changes nothing.
 */
export async function applyPatch(operation: PatchOperation, engine: Engine): Promise<void> {
  const { cluster, ledger, emit, signal } = engine;
  const { id, ref, changes } = operation;
  const applied = await persist(engine, async () => {
    const object = await cluster.get(ref, signal);
    if (!object) throw missing(operation);
    const known = recordedFields(engine, id);
    const fields = known ? known.map(({ path }) => path) : touchedFields(object, changes);
    const now = valuesOf(object, fields);
    const uid = object.metadata.uid ?? '';
    const target = withChanges(object, changes);
    const intended = valuesOf(target, fields);
    if (
      changes.every((change) => covers(fieldAt(object, change.path), 'to' in change ? change.to : undefined))
    ) {
      // Our own request may have arrived though its answer did not: then the ledger knows how it was before.
      if (known) return { uid, after: now };
      throw nothingToChange(operation);
    }
    const before = { existed: true as const, uid, fields: now };
    if (!isDeepStrictEqual(known, now))
      await ledger.append({ type: 'recorded', id, operation, before, intended });
    emit({ type: 'operation-recorded', id });
    const body = mergeDiff(object, target)!;
    const { resourceVersion } = object.metadata;
    const metadata = { ...(body.metadata as object | undefined), resourceVersion };
    const answer = await cluster.patch(ref, 'merge', { ...body, metadata }, {}, signal);
    return { uid, after: valuesOf(answer, fields) };
  });
  await ledger.note({ type: 'applied', id, ...applied });
}

/** The fields of the pre-image that the ledger holds already. */
function recordedFields({ ledger }: Engine, id: string): FieldValue[] | undefined {
  const change = ledgerState(ledger.entries).changes.find(
    (each) => each.by === 'us' && each.operation.id === id,
  );
  return change?.by === 'us' && 'fields' in change.before ? change.before.fields : undefined;
}

function missing({ ref }: PatchOperation): MisfortuneError {
  return new MisfortuneError('missing-object', `${formatRef(ref)} is not there.`, {
    todo: 'Is the stack deployed? See `misfortune doctor`.',
    exitCode: exitCodes.refused,
  });
}

function nothingToChange({ ref, describe }: PatchOperation): MisfortuneError {
  return new MisfortuneError('nothing-to-change', `${formatRef(ref)} is like that already: ${describe}.`, {
    todo: 'Was an earlier game restored? Run `misfortune recover`, or let the fault set another value.',
    exitCode: exitCodes.refused,
  });
}
