import type { ClusterObject } from '../../cluster/cluster.ts';
import { recreatable } from '../../cluster/fields/server-fields.ts';
import { formatRef } from '../../cluster/ref.ts';
import { persist } from '../../cluster/wait/persist.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { assertDeletable, type DeleteOperation } from '../operation.ts';
import { type FirstLook, type Intent, looking, record } from './record.ts';

/**
 * Deletes exactly the object that was read: a change in between is a conflict and is read anew. That it is gone is for
 * the verification to see. Throws `missing-object`; what would come back by itself (a pod that is killed) may be gone
 * already.
 */
export async function applyDelete(
  operation: DeleteOperation,
  engine: Engine,
  ahead?: FirstLook,
): Promise<void> {
  const { cluster, ledger, signal } = engine;
  const { id, ref, propagation, gracePeriodSeconds } = operation;
  assertDeletable(ref);
  const look = looking(ref, engine, ahead);
  let known: string | undefined;
  await persist(engine, async () => {
    const object = await look();
    if (known !== undefined && object?.metadata.uid !== known) return true;
    if (!object && operation.reverts === 'heals') return true;
    const intent = deleteIntent(object);
    if (!object || !intent)
      throw new MisfortuneError(
        'missing-object',
        `${formatRef(ref)} does not exist, so it cannot be deleted.`,
        {
          exitCode: exitCodes.refused,
        },
      );
    await record(operation, intent, engine);
    const { uid = '', resourceVersion } = object.metadata;
    known = uid;
    // What comes back by itself comes back from elsewhere; anything else comes back as it was read.
    const precondition = operation.reverts === 'heals' ? { uid } : { uid, resourceVersion };
    return await cluster.delete(ref, { ...precondition, propagation, gracePeriodSeconds }, signal);
  });
  if (known !== undefined) await ledger.note({ type: 'applied', id, uid: known, after: [] });
}

/** Undefined where there is nothing to delete. */
export function deleteIntent(object: ClusterObject | undefined): Intent | undefined {
  if (!object) return undefined;
  const uid = object.metadata.uid ?? '';
  return { before: { existed: true, uid, object: recreatable(object) }, intended: [] };
}
