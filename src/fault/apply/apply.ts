import { formatRef } from '../../cluster/ref.ts';
import { waitReady } from '../../cluster/wait/ready.ts';
import type { Look } from '../../cluster/wait/until.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { Operation } from '../operation.ts';
import { recordAhead, stretches } from './ahead.ts';
import { applyCreate } from './create.ts';
import { applyDelete } from './delete.ts';
import { applyPatch } from './patch.ts';
import { type FirstLook, knownChange } from './record.ts';
import { applyRun } from './run.ts';
import { type Verified, verifyApplied } from './verify.ts';

/**
 * Makes the operations true, in order: pre-image into the ledger (of a stretch that nothing holds up, of all at once),
 * change, wait, read again. What the ledger says is applied already is only verified, so it may be called again after a
 * failure. Throws at the first operation that cannot be made; what was done by then is in the ledger for `revert`.
 */
export async function apply(operations: readonly Operation[], engine: Engine): Promise<void> {
  const { clock, signal, ledger } = engine;
  const begun = clock.mono();
  const inOrder = [...operations].sort((a, b) => a.afterMs - b.afterMs);
  const verifications: Promise<void>[] = [];
  try {
    for (const stretch of stretches(inOrder)) {
      const early = stretch[0]!.afterMs - (clock.mono() - begun);
      if (early > 0) await clock.sleep(early, signal);
      const ahead = await recordAhead(stretch, engine);
      for (const operation of stretch) {
        signal?.throwIfAborted();
        const ready = await make(operation, engine, ahead.get(operation.id));
        const verification = verify(operation, ready, engine);
        verification.catch(() => undefined);
        verifications.push(verification);
        // Reading holds up nobody; a Job that looks, and an object that is going, are awaited before the next change.
        if (operation.verb === 'run' || operation.verb === 'delete') await verification;
      }
    }
  } finally {
    await Promise.allSettled(verifications);
  }
  await Promise.all(verifications);
  await ledger.flush();
}

/** Changes it, and waits for what must hold before the next one. */
async function make(operation: Operation, engine: Engine, ahead: FirstLook | undefined): Promise<Look> {
  const { cluster, clock, signal, emit } = engine;
  const { id, ref } = operation;
  if (!knownChange(id, engine)?.applied) await change(operation, engine, ahead);
  emit({ type: 'operation-applied', id });
  let ready: Look = { holds: true, seen: '' };
  for (const condition of operation.ready) {
    ready = await waitReady(condition, ref, cluster, clock, signal);
    if (ready.holds) continue;
    if (condition.needed) throw cannotGoOn(operation, ready);
    break;
  }
  return ready;
}

function cannotGoOn({ describe, ref }: Operation, { seen }: Look): MisfortuneError {
  return new MisfortuneError('not-ready', `${describe}: ${formatRef(ref)} did not get ready: ${seen}.`, {
    todo: `Without it the fault is not what it is meant to be. See \`kubectl describe ${ref.kind} ${ref.name} -n ${ref.namespace}\` while a game tries it.`,
    exitCode: exitCodes.refused,
  });
}

async function verify(operation: Operation, ready: Look, engine: Engine): Promise<void> {
  const { emit, ledger } = engine;
  const { id } = operation;
  const { verdict, seen } = await verifyApplied(operation, engine);
  const result = ready.holds || verdict === 'mismatch' ? { verdict, seen } : notReady(ready);
  await ledger.note({ type: 'verified', id, ...result });
  emit({ type: 'operation-verified', id, ...result });
}

/** What is refused will not come: the fault is not there. */
function notReady({ seen, isFinal }: Look): Verified {
  return isFinal ? { verdict: 'mismatch', seen } : { verdict: 'inconclusive', seen: `not ready: ${seen}` };
}

function change(operation: Operation, engine: Engine, ahead: FirstLook | undefined): Promise<void> {
  switch (operation.verb) {
    case 'create':
      return applyCreate(operation, engine, ahead);
    case 'patch':
      return applyPatch(operation, engine, ahead);
    case 'delete':
      return applyDelete(operation, engine, ahead);
    case 'run':
      return applyRun(operation, engine);
  }
}
