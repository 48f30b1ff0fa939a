import type { ClusterObject } from '../../cluster/cluster.ts';
import { formatRef } from '../../cluster/ref.ts';
import { MisfortuneError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { isRecord } from '../field-path.ts';
import { nonceOf, withNonce } from '../nonce.ts';
import { type RunOperation, refOf } from '../operation.ts';
import { persist } from '../persist.ts';
import { waitGone } from '../ready.ts';
import { until } from '../until.ts';

export type RunState = 'injected' | 'original' | 'other';

/** Runs the Job that does it, unless the check says that it is done. Throws `run-failed`. */
export async function applyRun(operation: RunOperation, engine: Engine): Promise<void> {
  const { ledger, emit } = engine;
  const { id } = operation;
  const state = await runCheck(operation, engine);
  if (state === 'other')
    throw new MisfortuneError(
      'run-unclear',
      `${operation.describe}: its check answers neither original nor injected.`,
    );
  await ledger.append({ type: 'recorded', id, operation, before: { existed: false }, intended: [] });
  emit({ type: 'operation-recorded', id });
  if (state === 'original') await runJob(operation.do, operation, engine);
  await ledger.append({ type: 'applied', id, after: [] });
}

/** Runs the Job that undoes it, unless there is nothing to undo, and says how it is then. */
export async function undoRun(operation: RunOperation, engine: Engine): Promise<RunState> {
  // A Job that was cut off may still be at work: it ends before its undo begins.
  await removeJob(operation.do, operation, engine);
  const state = await runCheck(operation, engine);
  if (state === 'original') return state;
  await runJob(operation.undo, operation, engine);
  return runCheck(operation, engine);
}

export async function runCheck(operation: RunOperation, engine: Engine): Promise<RunState> {
  const log = await runJob(operation.check, operation, engine);
  const answer = log.trimEnd().split('\n').at(-1)?.trim();
  return answer === 'injected' || answer === 'original' ? answer : 'other';
}

/** Runs a Job to its end, gives its log, removes it. One that was left by an earlier attempt is replaced. */
async function runJob(manifest: ClusterObject, operation: RunOperation, engine: Engine): Promise<string> {
  const { cluster, clock, signal } = engine;
  const ref = refOf(manifest);
  await removeJob(manifest, operation, engine);
  const job = await persist(engine, async () => {
    const existing = await cluster.get(ref, signal);
    if (existing && nonceOf(existing) === operation.nonce) return existing;
    return await cluster.create(withNonce(manifest, operation.nonce), {}, signal);
  });
  const end = await until(() => jobEnded(ref, engine), operation.within, clock, signal);
  const pods = await cluster.list({ kind: 'pods' }, { namespace: ref.namespace }, signal);
  const pod = pods.find((each) => each.metadata.ownerReferences?.some(({ uid }) => uid === job.metadata.uid));
  const namespace = ref.namespace ?? 'default';
  const log = pod ? await cluster.logs({ namespace, name: pod.metadata.name, tailLines: 50 }, signal) : '';
  await removeJob(manifest, operation, engine);
  if (end.holds && end.seen === 'Complete') return log;
  throw new MisfortuneError('run-failed', `${formatRef(ref)} did not complete: ${end.seen}. ${log.trim()}`, {
    todo: 'Try its command by hand in the cluster.',
  });
}

async function removeJob(manifest: ClusterObject, operation: RunOperation, engine: Engine): Promise<void> {
  const { cluster, clock, signal } = engine;
  const ref = refOf(manifest);
  const found = await cluster.get(ref, signal);
  if (!found || nonceOf(found) !== operation.nonce) return;
  const { uid } = found.metadata;
  await cluster.delete(ref, { uid, propagation: 'Background' }, signal);
  await waitGone(ref, uid, operation.within, cluster, clock, signal);
}

async function jobEnded(ref: ReturnType<typeof refOf>, { cluster, signal }: Engine) {
  const job = await cluster.get(ref, signal);
  const status = isRecord(job?.status) ? job.status : {};
  const conditions = (status.conditions ?? []) as { type: string; status: string }[];
  const end = conditions.find(
    ({ type, status }) => status === 'True' && ['Complete', 'Failed'].includes(type),
  );
  return { holds: end !== undefined || !job, seen: end?.type ?? (job ? 'still running' : 'gone') };
}
