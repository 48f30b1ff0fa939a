import { atOnce } from '../../at-once.ts';
import type { Ref } from '../../cluster/cluster.ts';
import type { Conflict } from '../../cluster/fields/three-way.ts';
import { formatRef, refKey } from '../../cluster/ref.ts';
import { waitReady } from '../../cluster/wait/ready.ts';
import { describeError } from '../../errors.ts';
import type { Verdict } from '../../log/events.ts';
import { undoRun } from '../apply/run.ts';
import type { Engine } from '../engine.ts';
import type { ConflictSide } from '../ledger/entry.ts';
import { ledgerState, type RecordedChange } from '../ledger/state.ts';
import { describeConflict } from './conflict.ts';
import { renewReaders } from './readers.ts';
import { isWorkload, rolloutPatience, waitRolledOut } from './rollouts.ts';
import { endRuns } from './runs.ts';
import { settleScalings, writerOf } from './scalings.ts';
import { nextStep, type Settled, settle, wish } from './settle.ts';
import { type Unit, unitsOf } from './units.ts';

export interface RevertOptions {
  /** Undo what the responder changed as well: the default in the sandbox and in validate, asked elsewhere. */
  undoResponder: boolean;
  /** Who does it, if it is not a person or the game itself. */
  by?: 'guardian';
  /**
   * Asked for each object in which somebody else changed what we had changed, or that cannot be put back (no conflicts
   * then). undefined leaves it as it is, reported and open, so that it can be decided later.
   */
  decide?(ref: Ref, conflicts: readonly Conflict[]): Promise<ConflictSide | undefined>;
}

export interface Restored {
  /** One line each; empty: everything of ours is undone and was read again. */
  differences: string[];
  /** Left for a person to decide, one line each. */
  conflicts: string[];
  /**
   * No difference of ours, one line each: left to somebody else, who looks after it now, and put back, but its pods are not
   * ready yet.
   */
  left?: string[];
}

/**
 * Undoes what the ledger says, and reads it all again. May be repeated after any interruption: it looks at
 * what is there, not at what it once did. Others' changes are never touched. What is restored is erased by
 * `finish`. Throws only if the cluster cannot be reached.
 */
export async function revert(engine: Engine, options: RevertOptions): Promise<Restored> {
  const { ledger, cluster, emit } = engine;
  const state = ledgerState(ledger.entries);
  if (state.erased) return { differences: [], conflicts: [] };
  const units = await unitsOf(state, cluster);
  const decisions = new Map(state.decisions);
  const restored: Restored = { differences: [], conflicts: [] };
  const kept = new Set<Unit>();
  const decided = new Set<string>();
  const take = async (unit: Unit, result: Settled) => {
    if (result.kept) kept.add(unit);
    const { conflicts } = result;
    for (const [index, conflict] of conflicts.entries())
      conflicts[index] = { ...conflict, writer: await writerOf(unit.ref, conflict, engine) };
    restored.conflicts.push(...conflicts.map((conflict) => describeConflict(unit.ref, conflict)));
    if (conflicts.length > 0 || result.kept || result.problem) decided.add(refKey(unit.ref));
    if (result.problem) restored.differences.push(`${formatRef(unit.ref)}: ${result.problem}`);
    await report(unit, result, engine);
  };
  const unready = state.opened?.unready ?? [];
  const rolling: [Unit, Settled][] = [];
  const healing: Unit[] = [];
  for (const unit of units) {
    if (unit.type === 'healing') {
      healing.push(unit);
      continue;
    }
    const result = await revertUnit(unit, engine, options, decisions);
    if (rollsOut(unit, result)) rolling.push([unit, result]);
    else await take(unit, result);
  }
  // What comes up by itself is waited for all at once: one that never does must not hold up the others.
  const patience = { unready, until: engine.clock.mono() + rolloutPatience };
  const late = new Map<string, string>();
  const healed = new Map<Unit, Settled>();
  const waiting = [
    async () => {
      const refs = rolling.map(([{ ref }]) => ref);
      for (const [key, seen] of await waitRolledOut(refs, patience, engine)) late.set(key, seen);
    },
    ...healing.map((unit) => async () => {
      healed.set(unit, await revertUnit(unit, engine, options, decisions, unready));
    }),
  ];
  await atOnce(waiting, (wait) => wait(), waiting.length);
  for (const [unit, result] of rolling) {
    const seen = late.get(refKey(unit.ref));
    if (seen !== undefined) result.notes.push(`${notRolledOut}: ${seen}`);
    await take(unit, result);
  }
  for (const [unit, result] of healed) await take(unit, result);
  restored.differences.push(
    ...(await leftovers(
      units.filter((unit) => !kept.has(unit)),
      engine,
      options,
      decisions,
      restored,
    )),
  );
  const scalings = await settleScalings(state, options, decided, patience, engine);
  restored.differences.push(...scalings.differences);
  const left = [...scalings.left, ...notReady(rolling)];
  if (left.length > 0) restored.left = left;
  await ledger.append({ type: 'restored', ...restored, ...(options.by && { by: options.by }) });
  emit({ type: 'restore-verified', ...restored });
  return restored;
}

/** Undoes what is there of one unit, and reads it again; conflicts are decided by `decisions`, then by whoever is asked. */
export async function revertUnit(
  unit: Unit,
  engine: Engine,
  options: RevertOptions,
  decisions: Map<string, ConflictSide>,
  unready: readonly Ref[] = [],
): Promise<Settled> {
  const key = formatRef(unit.ref);
  let settled = await attempt(unit, engine, options, decisions.get(key), unready);
  if ((settled.conflicts.length > 0 || settled.stuck) && options.decide) {
    const side = await options.decide(unit.ref, settled.conflicts);
    if (side && side !== decisions.get(key)) {
      await engine.ledger.append({ type: 'decided', ref: unit.ref, side });
      decisions.set(key, side);
      const again = await attempt(unit, engine, options, side, unready);
      settled = { ...again, wrote: settled.wrote || again.wrote };
    }
  }
  if (settled.stuck && decisions.get(key) === 'theirs') return asItIs(settled);
  return settled;
}

/** Whether its pods are made anew now, which takes a while. */
export function rollsOut(unit: Unit, { done, wrote }: Settled): boolean {
  return unit.type === 'object' && isWorkload(unit.ref) && done && wrote;
}

const notRolledOut = 'restored, but not rolled out yet';

/** Of what was put back, what did not become ready: how it looks, a line each. */
function notReady(rolling: readonly [Unit, Settled][]): string[] {
  return rolling.flatMap(([{ ref }, { notes }]) =>
    notes.filter((note) => note.startsWith(notRolledOut)).map((note) => `${formatRef(ref)}: ${note}`),
  );
}

async function attempt(
  unit: Unit,
  engine: Engine,
  { undoResponder }: RevertOptions,
  side: ConflictSide | undefined,
  unready: readonly Ref[],
): Promise<Settled> {
  if (unit.type === 'run') return revertRun(unit, engine);
  if (unit.type === 'healing') return seeHealed(unit, unready, engine);
  const settled = await settle(unit.ref, unit.changes, { undoResponder, side }, engine);
  if (settled.done)
    settled.notes.push(...(await renewReaders(unit, engine)), ...(await endRuns(unit, engine)));
  return settled;
}

/** A person has decided that what cannot be put back stays. */
function asItIs({ problem, conflicts, ...settled }: Settled): Settled {
  const why = problem ?? conflicts.map(({ refused }) => refused).find((each) => each !== undefined);
  const notes = [...settled.notes, `left as it is, as decided${why ? `: ${why}` : ''}`];
  return { ...settled, conflicts: [], notes, done: true, kept: true };
}

async function revertRun(unit: Extract<Unit, { type: 'run' }>, engine: Engine): Promise<Settled> {
  const settled: Settled = { done: true, conflicts: [], notes: [], wrote: true };
  try {
    const state = await undoRun(unit.operation, unit.change.before, engine);
    if (state === 'original') return settled;
    return { ...settled, done: false, stuck: true, problem: `its check answers ${state} after the undo` };
  } catch (error) {
    engine.signal?.throwIfAborted();
    return { ...settled, done: false, stuck: true, problem: describeError(error) };
  }
}

/** What comes back by itself is waited for, and nothing is written. `unready` before the game: it is not waited for. */
async function seeHealed(
  { ref, operation }: Extract<Unit, { type: 'healing' }>,
  unready: readonly Ref[],
  { cluster, clock, signal }: Engine,
): Promise<Settled> {
  const settled: Settled = { done: true, conflicts: [], notes: ['it came back by itself'], wrote: false };
  const before = new Set(unready.map(refKey));
  for (const condition of operation.healed ?? []) {
    const wasReady = !before.has(refKey(condition.ref ?? ref));
    const patient = wasReady ? condition : { ...condition, within: 0 };
    const look = await waitReady(patient, ref, cluster, clock, signal);
    if (look.holds) continue;
    if (wasReady)
      return { ...settled, done: false, stuck: true, notes: [], problem: `not healed yet: ${look.seen}` };
    settled.notes = [`not waited for: ${look.seen}, as before the game`];
  }
  return settled;
}

async function report(unit: Unit, result: Settled, { ledger, emit }: Engine): Promise<void> {
  const verdict = verdictOf(result);
  const seen = seenOf(result, unit);
  // Told of with its object, if there is something to undo besides.
  if (unit.type === 'healing' && unit.operation.reverts !== 'heals') return;
  const changes: RecordedChange[] = unit.type === 'object' ? [...unit.changes].reverse() : [unit.change];
  for (const change of changes) {
    if (change.by !== 'us' || change.withdrawn) continue;
    const { id } = change.operation;
    await ledger.append({ type: 'reverted', id, verdict, seen });
    emit({ type: 'operation-reverted', id, verdict, seen });
  }
  if (changes.some((change) => change.by === 'responder')) {
    const outcome =
      result.conflicts.length > 0 ? 'conflict' : result.done && result.wrote ? 'undone' : 'kept';
    emit({ type: 'responder-change-undone', ref: formatRef(unit.ref), outcome, seen });
  }
}

function verdictOf({ done, conflicts, notes }: Settled): Verdict {
  if (conflicts.length > 0) return 'mismatch';
  if (!done) return 'mismatch';
  return notes.some((note) => note.startsWith(notRolledOut)) ? 'inconclusive' : 'confirmed';
}

function seenOf(result: Settled, unit: Unit): string {
  const parts = [
    ...(result.problem ? [result.problem] : []),
    ...result.conflicts.map((conflict) => describeConflict(unit.ref, conflict)),
    ...result.notes,
  ];
  if (parts.length > 0) return parts.join('; ');
  return result.wrote ? 'put back and read again' : 'nothing was left to undo';
}

/** One more look at all, after everything: a request that was under way may have arrived late. */
async function leftovers(
  units: readonly Unit[],
  engine: Engine,
  { undoResponder }: RevertOptions,
  decisions: Map<string, ConflictSide>,
  known: Restored,
): Promise<string[]> {
  const found: string[] = [];
  for (const unit of units) {
    const name = formatRef(unit.ref);
    if (unit.type !== 'object' || known.differences.some((line) => line.startsWith(`${name}:`))) continue;
    if (known.conflicts.some((line) => line.startsWith(`${name} `))) continue;
    const now = await engine.cluster.get(unit.ref, engine.signal);
    const { target } = wish(
      unit.ref,
      now,
      unit.changes,
      { undoResponder, side: decisions.get(name) },
      engine,
    );
    const step = nextStep(now, target);
    if (step) found.push(`${name}: it was put back and differs again (${step.type} would be needed)`);
  }
  return found;
}
