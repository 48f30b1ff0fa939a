import { ClusterError } from '../../cluster/cluster-error.ts';
import { formatRef } from '../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { nonceOf } from '../nonce.ts';
import type { CreateOperation } from '../operation.ts';
import { persist } from '../persist.ts';

/** Creates the object. An unknown outcome is settled by looking for the nonce. Throws `name-taken`. */
export async function applyCreate(operation: CreateOperation, engine: Engine): Promise<void> {
  const { cluster, ledger, emit, signal } = engine;
  const { id, ref, object, nonce } = operation;
  const uid = await persist(engine, async () => {
    const existing = await cluster.get(ref, signal);
    if (existing && nonceOf(existing) === nonce) return existing.metadata.uid;
    if (existing) throw nameTaken(operation);
    await ledger.append({ type: 'recorded', id, operation, before: { existed: false }, intended: [] });
    emit({ type: 'operation-recorded', id });
    try {
      return (await cluster.create(object, {}, signal)).metadata.uid;
    } catch (error) {
      // Somebody was faster, or our own request of which we heard nothing: the next look tells.
      if (error instanceof ClusterError && error.reason === 'AlreadyExists') return undefined;
      throw error;
    }
  });
  await ledger.note({ type: 'applied', id, uid, after: [] });
}

function nameTaken(operation: CreateOperation): MisfortuneError {
  return new MisfortuneError('name-taken', `There is a ${formatRef(operation.ref)} already.`, {
    todo: 'Give the fault another name, or run `misfortune recover` if it was left by an earlier game.',
    exitCode: exitCodes.refused,
  });
}
