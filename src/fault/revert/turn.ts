import { isDeepStrictEqual } from 'node:util';
import type { Ref } from '../../cluster/cluster.ts';
import { valuesOf } from '../../cluster/fields/changes.ts';
import { formatRef } from '../../cluster/ref.ts';
import type { Look } from '../../cluster/wait/until.ts';
import { MisfortuneError } from '../../errors.ts';
import { runCheck } from '../apply/run.ts';
import { verifyApplied } from '../apply/verify.ts';
import type { Engine } from '../engine.ts';
import { ledgerState, type OurChange } from '../ledger/state.ts';
import type { Operation } from '../operation.ts';
import { describeConflict } from './conflict.ts';
import { revertUnit, rollsOut } from './revert.ts';
import { rolloutPatience, waitRolledOut } from './rollouts.ts';
import { unitsOf } from './units.ts';

/** The operations of one turn (1, 2, 3 …) of a fault that comes and goes: in the ledger each is a change of its own. */
export function turnOf(operations: readonly Operation[], turn: number): Operation[] {
  return operations.map((operation) => ({
    ...operation,
    id: turn === 1 ? operation.id : `${operation.id}.${turn}`,
    afterMs: 0,
  }));
}

/** Whether what a turn made is there as it made it. If not, somebody has taken it in hand. */
export async function lookAtTurn(operations: readonly Operation[], engine: Engine): Promise<Look> {
  for (const operation of operations) {
    const { verdict, seen } = await verifyApplied(operation, engine);
    if (verdict === 'mismatch') return { holds: false, seen: `${formatRef(operation.ref)}: ${seen}` };
    if (operation.verb === 'create' && (await isWritten(operation, engine)))
      return { holds: false, seen: `${formatRef(operation.ref)} was changed` };
  }
  return { holds: true, seen: 'there as it was made' };
}

/**
 * Undoes one turn in the middle of a game, reads it again, and writes into the ledger that it was. `holds` is false if
 * somebody changed what the turn had changed: that is left to the restore at the end, which asks who is to win.
 * Throws MisfortuneError `turn-stays` if it cannot be undone.
 */
export async function endTurn(operations: readonly Operation[], engine: Engine): Promise<Look> {
  const { ledger, cluster, clock, emit } = engine;
  const state = ledgerState(ledger.entries);
  const changes = changesOf(operations, engine);
  const unready = state.opened?.unready ?? [];
  const rolling: Ref[] = [];
  for (const unit of await unitsOf({ ...state, changes }, cluster)) {
    const settled = await revertUnit(unit, engine, { undoResponder: false }, new Map(), unready);
    const { conflicts, problem } = settled;
    const [conflict] = conflicts;
    if (conflict) return { holds: false, seen: describeConflict(unit.ref, conflict) };
    if (problem) throw stays(formatRef(unit.ref), problem);
    if (rollsOut(unit, settled)) rolling.push(unit.ref);
    const own = unit.type === 'object' ? unit.changes : [unit.change];
    for (const change of own) {
      if (change.by !== 'us') continue;
      const { id } = change.operation;
      await ledger.append({ type: 'withdrawn', id });
      emit({
        type: 'operation-reverted',
        id,
        verdict: 'confirmed',
        seen: 'undone after its turn, and read again',
      });
    }
  }
  await waitRolledOut(rolling, { unready, until: clock.mono() + rolloutPatience }, engine);
  return { holds: true, seen: 'undone, and read again' };
}

/** Whether everything is as the turn before had found it: what somebody changed since is theirs, and no turn begins. */
export async function lookBeforeTurn(previous: readonly Operation[], engine: Engine): Promise<Look> {
  const { cluster, signal } = engine;
  for (const { before, operation } of changesOf(previous, engine)) {
    const { ref } = operation;
    const name = formatRef(ref);
    if (operation.verb === 'run') {
      const state = await runCheck(operation, engine);
      if (state !== 'original') return { holds: false, seen: `the check of ${name} answers ${state}` };
      continue;
    }
    const object = await cluster.get(ref, signal);
    if (!before.existed && object) return { holds: false, seen: `${name} is there` };
    if (before.existed && !object) return { holds: false, seen: `${name} is gone` };
    if (!('fields' in before)) continue;
    const now = valuesOf(
      object,
      before.fields.map(({ path }) => path),
    );
    if (!isDeepStrictEqual(now, before.fields)) return { holds: false, seen: `${name} was changed` };
  }
  return { holds: true, seen: 'as the turn before found it' };
}

/**
 * Whether somebody wrote to an object that a turn made: a Job that is suspended is all that was stated, and more. Seen by
 * its generation, which every change of a spec raises, and by the responders' own writes.
 */
async function isWritten({ id, ref }: Operation, { cluster, ledger, signal }: Engine): Promise<boolean> {
  const object = await cluster.get(ref, signal);
  if ((object?.metadata.generation ?? 1) > 1) return true;
  const { resource } = await cluster.kind(ref);
  const { changes } = ledgerState(ledger.entries);
  const made = changes.findIndex((change) => change.by === 'us' && change.operation.id === id);
  return changes.slice(made).some((change) => {
    if (change.by !== 'responder') return false;
    const { preimage } = change;
    return (
      preimage.resource === resource && preimage.namespace === ref.namespace && preimage.name === ref.name
    );
  });
}

function changesOf(operations: readonly Operation[], { ledger }: Engine): OurChange[] {
  const ids = new Set(operations.map(({ id }) => id));
  return ledgerState(ledger.entries).changes.filter(
    (change): change is OurChange => change.by === 'us' && ids.has(change.operation.id),
  );
}

function stays(name: string, problem: string): MisfortuneError {
  return new MisfortuneError('turn-stays', `A turn could not be undone: ${name}: ${problem}`, {
    todo: 'The game ends and restores the cluster; if that fails as well, run `misfortune recover`.',
  });
}
