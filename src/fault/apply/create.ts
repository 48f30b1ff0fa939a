import type { ClusterObject } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { formatRef } from '../../cluster/ref.ts';
import { persist } from '../../cluster/wait/persist.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { nonceOf } from '../ledger/nonce.ts';
import type { CreateOperation } from '../operation.ts';
import { type FirstLook, type Intent, looking, record } from './record.ts';

/** Creates the object. An unknown outcome is settled by looking for the nonce. Throws `name-taken`. */
export async function applyCreate(
  operation: CreateOperation,
  engine: Engine,
  ahead?: FirstLook,
): Promise<void> {
  const { cluster, ledger, signal } = engine;
  const { id, ref, object, nonce } = operation;
  const look = looking(ref, engine, ahead);
  const uid = await persist(engine, async () => {
    const existing = await look();
    if (existing && nonceOf(existing) === nonce) return existing.metadata.uid;
    const intent = createIntent(existing);
    if (!intent) throw nameTaken(operation);
    await record(operation, intent, engine);
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

/** Undefined where the name is taken. */
export function createIntent(existing: ClusterObject | undefined): Intent | undefined {
  return existing ? undefined : { before: { existed: false }, intended: [] };
}

function nameTaken(operation: CreateOperation): MisfortuneError {
  return new MisfortuneError('name-taken', `${formatRef(operation.ref)} already exists.`, {
    todo: 'Give the fault another name, or run `misfortune recover` if it was left by an earlier game.',
    exitCode: exitCodes.refused,
  });
}
