import type { ClusterObject } from '../../cluster/cluster.ts';
import { type FieldChange, touchedFields, valuesOf, withChanges } from '../../cluster/fields/changes.ts';
import { covers } from '../../cluster/fields/covers.ts';
import { mergeDiff } from '../../cluster/fields/merge-diff.ts';
import { type FieldPath, fieldAt } from '../../cluster/fields/path.ts';
import { formatRef } from '../../cluster/ref.ts';
import { persist } from '../../cluster/wait/persist.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { PatchOperation } from '../operation.ts';
import { type FirstLook, type Intent, knownChange, looking, record } from './record.ts';

/**
 * Sets the fields, on exactly the state that was read: a change in between is a conflict and is read anew.
 * Throws `missing-object`, or `nothing-to-change` for a patch that changes nothing.
 */
export async function applyPatch(
  operation: PatchOperation,
  engine: Engine,
  ahead?: FirstLook,
): Promise<void> {
  const { cluster, ledger, signal } = engine;
  const { id, ref, changes } = operation;
  const look = looking(ref, engine, ahead);
  const applied = await persist(engine, async () => {
    const object = await look();
    if (!object) throw missing(operation);
    const fields = fieldsOf(operation, object, engine);
    const intent = patchIntent(operation, object, engine);
    if (!intent) {
      // Our own request may have arrived though its answer did not: then the ledger knows how it was before.
      if (!knownChange(id, engine)) throw nothingToChange(operation);
      return { uid: object.metadata.uid, after: valuesOf(object, fields) };
    }
    await record(operation, intent, engine);
    const body = mergeDiff(object, withChanges(object, changes))!;
    const { uid, resourceVersion } = object.metadata;
    const metadata = { ...(body.metadata as object | undefined), resourceVersion };
    const answer = await cluster.patch(ref, 'merge', { ...body, metadata }, {}, signal);
    return { uid, after: valuesOf(answer, fields) };
  });
  await ledger.note({ type: 'applied', id, ...applied });
}

/** Undefined where there is no object, or nothing of it to change. */
export function patchIntent(
  operation: PatchOperation,
  object: ClusterObject | undefined,
  engine: Engine,
): Intent | undefined {
  const { changes } = operation;
  const isLikeThat = (change: FieldChange) =>
    covers(fieldAt(object, change.path), 'to' in change ? change.to : undefined);
  if (!object || changes.every(isLikeThat)) return undefined;
  const fields = fieldsOf(operation, object, engine);
  return {
    before: { existed: true, uid: object.metadata.uid ?? '', fields: valuesOf(object, fields) },
    intended: valuesOf(withChanges(object, changes), fields),
  };
}

/** The fields that the ledger holds of it already, or those that it would touch now. */
function fieldsOf({ id, changes }: PatchOperation, object: ClusterObject, engine: Engine): FieldPath[] {
  const before = knownChange(id, engine)?.before;
  if (before && 'fields' in before) return before.fields.map(({ path }) => path);
  return touchedFields(object, changes);
}

function missing({ ref }: PatchOperation): MisfortuneError {
  return new MisfortuneError('missing-object', `${formatRef(ref)} does not exist.`, {
    todo: 'Is the stack deployed? See `misfortune doctor`.',
    exitCode: exitCodes.refused,
  });
}

function nothingToChange({ ref, describe }: PatchOperation): MisfortuneError {
  return new MisfortuneError('nothing-to-change', `${formatRef(ref)} already has this value: ${describe}.`, {
    todo: 'If an earlier game was not restored, run `misfortune recover`; otherwise set another value in the fault.',
    exitCode: exitCodes.refused,
  });
}
