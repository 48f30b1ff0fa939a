import { formatRef } from '../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { assertDeletable, type DeleteOperation } from '../operation.ts';
import { persist } from '../persist.ts';
import { waitGone } from '../ready.ts';
import { recreatable } from '../server-fields.ts';

/** Seconds that an object may take to go. */
const GONE_WITHIN = 60;

/**
 * Deletes the object that was read, by its UID. Throws `missing-object`; what would come back by itself (a pod that is
 * killed) may be gone already, and its going is not waited for.
 */
export async function applyDelete(operation: DeleteOperation, engine: Engine): Promise<void> {
  const { cluster, ledger, emit, signal, clock } = engine;
  const { id, ref, propagation, gracePeriodSeconds } = operation;
  assertDeletable(ref);
  let known: string | undefined;
  await persist(engine, async () => {
    const object = await cluster.get(ref, signal);
    if (known !== undefined && object?.metadata.uid !== known) return true;
    if (!object && operation.reverts === 'heals') return true;
    if (!object)
      throw new MisfortuneError('missing-object', `${formatRef(ref)} is not there to be deleted.`, {
        exitCode: exitCodes.refused,
      });
    const uid = object.metadata.uid ?? '';
    const before = { existed: true as const, uid, object: recreatable(object) };
    await ledger.append({ type: 'recorded', id, operation, before, intended: [] });
    emit({ type: 'operation-recorded', id });
    known = uid;
    return await cluster.delete(ref, { uid, propagation, gracePeriodSeconds }, signal);
  });
  if (known === undefined) return;
  await ledger.note({ type: 'applied', id, uid: known, after: [] });
  if (operation.reverts !== 'heals') await waitGone(ref, known, GONE_WITHIN, cluster, clock, signal);
}
