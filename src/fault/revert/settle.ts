import type { ClusterObject, Ref } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { mergeDiff } from '../../cluster/fields/merge-diff.ts';
import { recreatable } from '../../cluster/fields/server-fields.ts';
import type { Conflict } from '../../cluster/fields/three-way.ts';
import { mayPass } from '../../cluster/wait/persist.ts';
import { waitGone } from '../../cluster/wait/ready.ts';
import { describeError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { ConflictSide } from '../ledger/entry.ts';
import type { RecordedChange } from '../ledger/state.ts';
import { withoutPassing } from './passing.ts';
import { begunReplacement, inTheWay, type Refused, replace } from './replace.ts';
import { type Unwound, unwind } from './unwind.ts';

export interface Settled {
  /** It was read again and nothing is left to undo, apart from the conflicts. */
  done: boolean;
  conflicts: Conflict[];
  notes: string[];
  /** Why it is not done. */
  problem?: string;
  /** Something was written. */
  wrote: boolean;
  /** Trying again would not help: a person may decide to leave it. */
  stuck?: true;
  /** A person has decided to leave it. */
  kept?: true;
}

export interface SettleOptions {
  undoResponder: boolean;
  side?: ConflictSide;
}

/** Seconds that an object may take to go, and turns in which a conflict may come between. */
const GONE_WITHIN = 90;
const TURNS = 8;

/**
 * Reads the object, undoes on paper, writes the difference, and again until the paper wants no change. That
 * settles conflicts, unknown outcomes and half-done changes alike: what counts is only what is there now.
 * Throws when the API server cannot be reached.
 */
export async function settle(
  ref: Ref,
  changes: readonly RecordedChange[],
  options: SettleOptions,
  engine: Engine,
): Promise<Settled> {
  const { cluster, clock, signal } = engine;
  let wrote = false;
  let problem: string | undefined;
  let last: Pick<Unwound, 'conflicts' | 'notes'> = { conflicts: [], notes: [] };
  for (let turn = 0; turn < TURNS; turn += 1) {
    if (turn > 0) await clock.sleep(turn === 1 ? 0 : 100 * 2 ** turn, signal);
    const now = await cluster.get(ref, signal);
    const wanted = wish(ref, now, changes, options, engine);
    last = { conflicts: wanted.conflicts, notes: wanted.notes };
    const step = nextStep(now, wanted.target);
    if (now?.metadata.deletionTimestamp && step) {
      const gone = await waitGone(ref, now.metadata.uid, GONE_WITHIN, cluster, clock, signal);
      if (!gone.holds) return { ...last, stuck: true, done: false, wrote, problem: gone.seen };
      continue;
    }
    if (!step) return { ...last, done: true, wrote };
    try {
      problem = await take(step, ref, engine);
      wrote = true;
      if (problem) return { ...last, stuck: true, done: false, wrote, problem };
    } catch (error) {
      problem = describeError(error);
      if (!(error instanceof ClusterError) || error.status === 401) throw error;
      // Refused for what it is: trying again would not help.
      if (![400, 403, 405, 422].includes(error.status ?? 0)) continue;
      const { target } = wanted;
      if (step.type !== 'patch' || error.status !== 422 || !now || !target)
        return { ...last, stuck: true, done: false, wrote, problem };
      const refused: Refused = { ref, now, wanted: { ...wanted, target }, said: error.message };
      const why = await tryReplace(refused, options, engine);
      wrote ||= why === undefined;
      if (why === undefined) continue;
      const conflicts = [...last.conflicts, ...inTheWay(refused, why)];
      return { ...last, conflicts, stuck: true, done: false, wrote };
    }
  }
  return { ...last, done: false, wrote, problem: problem ?? 'it changes as often as it is restored' };
}

/** Why it was not replaced; undefined where it was, or where it has to be looked at again. */
async function tryReplace(
  refused: Refused,
  options: SettleOptions,
  engine: Engine,
): Promise<string | undefined> {
  try {
    return await replace(refused, options, engine);
  } catch (error) {
    if (!mayPass(error)) throw error;
    return undefined;
  }
}

/** How the object is to be: as the changes undone make it, or as a replacement that was begun would have made it. */
export function wish(
  ref: Ref,
  now: ClusterObject | undefined,
  changes: readonly RecordedChange[],
  options: SettleOptions,
  engine: Pick<Engine, 'ledger'>,
): Unwound {
  const begun = now ? undefined : begunReplacement(ref, engine);
  if (begun) return { target: begun, conflicts: [], notes: [], isKnown: true };
  return unwind(now, changes, options);
}

type Step =
  | { type: 'create'; object: ClusterObject }
  | { type: 'delete'; uid: string | undefined }
  | { type: 'patch'; body: Record<string, unknown> };

/** What is to be written to get from `now` to `target`; undefined for nothing. */
export function nextStep(
  now: ClusterObject | undefined,
  target: ClusterObject | undefined,
): Step | undefined {
  if (!now) return target && { type: 'create', object: recreatable(target) };
  if (!target) return { type: 'delete', uid: now.metadata.uid };
  const body = mergeDiff(withoutPassing(recreatable(now)), withoutPassing(recreatable(target)));
  if (!body) return undefined;
  const { resourceVersion } = now.metadata;
  return { type: 'patch', body: { ...body, metadata: { ...(body.metadata as object), resourceVersion } } };
}

/** Takes the step; gives what went wrong in words where the API server took it and it did not come true. */
async function take(step: Step, ref: Ref, engine: Engine): Promise<string | undefined> {
  const { cluster, clock, signal } = engine;
  if (step.type === 'create') await cluster.create(step.object, {}, signal);
  else if (step.type === 'patch') await cluster.patch(ref, 'merge', step.body, {}, signal);
  else {
    await cluster.delete(ref, { uid: step.uid, propagation: 'Background' }, signal);
    const gone = await waitGone(ref, step.uid, GONE_WITHIN, cluster, clock, signal);
    if (!gone.holds) return gone.seen;
  }
  return undefined;
}
