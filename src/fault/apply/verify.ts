import { isDeepStrictEqual } from 'node:util';
import type { ClusterObject } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { covers, isEmpty, keeps } from '../../cluster/fields/covers.ts';
import { fieldAt, formatPath, formatValue, isRecord, withField } from '../../cluster/fields/path.ts';
import { servedForm } from '../../cluster/fields/served.ts';
import { stated } from '../../cluster/fields/server-fields.ts';
import { formatRef } from '../../cluster/ref.ts';
import { leavesPods, waitGone } from '../../cluster/wait/ready.ts';
import { describeError } from '../../errors.ts';
import type { Verdict } from '../../log/events.ts';
import type { Engine } from '../engine.ts';
import { nonceOf } from '../ledger/nonce.ts';
import type { CreateOperation, DeleteOperation, Operation, PatchOperation } from '../operation.ts';
import { knownChange } from './record.ts';
import { runCheck } from './run.ts';

/** Seconds that an object may take to go. */
const GONE_WITHIN = 60;

export interface Verified {
  verdict: Verdict;
  /** In words: what was found, field by field where it differs. */
  seen: string;
}

/** Reads again what an operation touched. `inconclusive` if it could not be read. */
export async function verifyApplied(operation: Operation, engine: Engine): Promise<Verified> {
  try {
    switch (operation.verb) {
      case 'create':
        return await created(operation, engine);
      case 'patch':
        return await patched(operation, engine);
      case 'delete':
        return await deleted(operation, engine);
      case 'run': {
        const state = await runCheck(operation, engine);
        return state === 'injected' ? confirmed(state) : mismatch(`the check answers ${state}`);
      }
    }
  } catch (error) {
    engine.signal?.throwIfAborted();
    return { verdict: 'inconclusive', seen: describeError(error) };
  }
}

/** What older API servers leave out, without harm: before 1.21 a finished Job stays until the restore. */
const mayBeDropped = [['spec', 'ttlSecondsAfterFinished']];

async function created(operation: CreateOperation, engine: Engine): Promise<Verified> {
  const { cluster, signal } = engine;
  const object = await cluster.get(operation.ref, signal);
  if (!object) return mismatch(`${formatRef(operation.ref)} is gone`);
  if (nonceOf(object) !== operation.nonce) return mismatch(`${formatRef(operation.ref)} is somebody else's`);
  const { status: _status, ...manifest } = mayBeDropped
    .filter((path) => fieldAt(object, path) === undefined)
    .reduce<ClusterObject>(
      (rest, path) => withField(rest, path, undefined) as ClusterObject,
      servedForm(operation.object),
    );
  const changed = Object.keys(manifest).filter((key) => !keeps(object[key], manifest[key]));
  const isThere = changed.every((key) => hasAll(object[key], manifest[key]));
  if (changed.length === 0 || (isThere && (await saysTheSame(operation, object, engine))))
    return confirmed('there, as stated');
  return mismatch(`changed in ${changed.join(', ')}`);
}

/** Whether everything that was set is there, with whatever value: what the API server drops is missing. */
function hasAll(seen: unknown, set: unknown): boolean {
  if (seen === undefined) return isEmpty(set);
  if (isRecord(set)) return isRecord(seen) && Object.keys(set).every((key) => hasAll(seen[key], set[key]));
  if (!Array.isArray(set)) return true;
  return (
    Array.isArray(seen) && seen.length >= set.length && set.every((item, index) => hasAll(seen[index], item))
  );
}

/**
 * Whether stating it once more would change nothing: the API server writes some things its own way (a duration, an
 * address, what a webhook puts in order). Only the server knows; where it may not be asked, what differs differs.
 */
async function saysTheSame(
  { ref, object: said }: CreateOperation,
  now: ClusterObject,
  { cluster, signal }: Engine,
): Promise<boolean> {
  try {
    const { status: _status, ...body } = said;
    const after = await cluster.patch(ref, 'merge', body, { dryRun: true }, signal);
    return isDeepStrictEqual(stated(after), stated(now));
  } catch (error) {
    if (error instanceof ClusterError && error.status !== undefined && error.status < 500) return false;
    throw error;
  }
}

/**
 * What was deleted must be gone, and is waited for; of what heals it is enough that it is going. Whoever has its name now
 * is another: of what heals the next one, else somebody's.
 */
async function deleted(operation: DeleteOperation, engine: Engine): Promise<Verified> {
  const { cluster, clock, signal } = engine;
  const { id, ref, reverts } = operation;
  const known = knownChange(id, engine);
  const uid = known?.applied?.uid;
  const object = await cluster.get(ref, signal);
  if (reverts === 'heals') {
    if (!known) return { verdict: 'inconclusive', seen: 'it was gone before' };
    if (!object || object.metadata.uid !== uid) return confirmed('gone');
    return object.metadata.deletionTimestamp ? confirmed('ending') : mismatch(`${formatRef(ref)} is there`);
  }
  if (object && object.metadata.uid !== uid) return mismatch(`${formatRef(ref)} is there again`);
  if (!object && !leavesPods(ref)) return confirmed('gone');
  const gone = await waitGone(ref, uid, GONE_WITHIN, cluster, clock, signal);
  return gone.holds ? confirmed('gone') : mismatch(`${formatRef(ref)}: ${gone.seen}`);
}

async function patched(operation: PatchOperation, { cluster, signal }: Engine): Promise<Verified> {
  const object = await cluster.get(operation.ref, signal);
  if (!object) return mismatch(`${formatRef(operation.ref)} is gone`);
  const wrong = operation.changes.flatMap((change) => {
    const value = fieldAt(object, change.path);
    if (covers(value, 'to' in change ? change.to : undefined)) return [];
    return [`${formatPath(change.path)} is ${formatValue(value)}`];
  });
  const count = operation.changes.length;
  return wrong.length === 0
    ? confirmed(count === 1 ? 'the field is as set' : `${count} fields are as set`)
    : mismatch(wrong.join('; '));
}

const confirmed = (seen: string): Verified => ({ verdict: 'confirmed', seen });
const mismatch = (seen: string): Verified => ({ verdict: 'mismatch', seen });
