import type { ClusterObject } from '../../cluster/cluster.ts';
import type { FieldValue } from '../../cluster/fields/changes.ts';
import { fieldAt, isRecord } from '../../cluster/fields/path.ts';
import { formatRef, refOf } from '../../cluster/ref.ts';
import { persist } from '../../cluster/wait/persist.ts';
import { waitGone } from '../../cluster/wait/ready.ts';
import { type Look, until } from '../../cluster/wait/until.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { Before } from '../ledger/entry.ts';
import { nonceOf, withNonce } from '../ledger/nonce.ts';
import type { RunOperation } from '../operation.ts';

export type RunState = 'injected' | 'original' | 'other';

/**
 * Runs the Job that does it, unless the check says that it is done. Its pre-image is the check's first answer; the
 * ledger knows the Jobs before the first of them is made. Throws `run-unclear`, `run-failed`.
 */
export async function applyRun(operation: RunOperation, engine: Engine): Promise<void> {
  const { ledger, emit } = engine;
  const { id } = operation;
  const record = (fields: FieldValue[]) =>
    ledger.append({
      type: 'recorded',
      id,
      operation,
      before: { existed: true, uid: '', fields },
      intended: [],
    });
  await record([]);
  const state = await runCheck(operation, engine);
  if (state === 'other')
    throw new MisfortuneError(
      'run-unclear',
      `${operation.describe}: its check answers neither original nor injected.`,
      {
        todo: 'Something else changed what the check reads: find out what.',
        exitCode: exitCodes.refused,
      },
    );
  await record([{ path: ['check'], value: state }]);
  emit({ type: 'operation-recorded', id });
  if (state === 'original') await runJob(operation.do, operation, engine);
  await ledger.note({ type: 'applied', id, after: [] });
}

/**
 * Runs the Job that undoes it, unless there is nothing of ours to undo, and says how it is then. Jobs that were
 * cut off are ended first: they may still be at work.
 */
export async function undoRun(operation: RunOperation, before: Before, engine: Engine): Promise<RunState> {
  for (const job of [operation.do, operation.undo, operation.check]) await removeJob(job, operation, engine);
  const first = 'fields' in before ? before.fields[0]?.value : undefined;
  if (first !== 'original') return 'original';
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
  try {
    const end = await until(() => jobEnded(manifest, engine), operation.within, clock, signal);
    const log = await logOf(manifest, job, engine);
    if (end.holds && end.seen === 'Complete') return log;
    throw new MisfortuneError(
      'run-failed',
      `${formatRef(ref)} did not complete: ${end.seen}. ${log.trim()}`,
      {
        todo: 'Run its command by hand in the cluster.',
      },
    );
  } finally {
    await removeJob(manifest, operation, engine);
  }
}

async function logOf(manifest: ClusterObject, job: ClusterObject, engine: Engine): Promise<string> {
  const { cluster, signal } = engine;
  const [pod] = await podsOfJob(job, engine);
  if (!pod) return '';
  const { namespace = 'default', name } = pod.metadata;
  const [container] = containersOf(manifest);
  return await cluster.logs({ namespace, name, container, tailLines: 50 }, signal);
}

async function podsOfJob(job: ClusterObject, { cluster, signal }: Engine): Promise<ClusterObject[]> {
  const { uid, namespace = 'default' } = job.metadata;
  const pods = await cluster.list({ kind: 'pods' }, { namespace }, signal);
  return pods.filter((each) => each.metadata.ownerReferences?.some((owner) => owner.uid === uid));
}

/** The names of the containers that the manifest has; what a webhook adds is not among them. */
function containersOf(manifest: ClusterObject): string[] {
  const containers = fieldAt(manifest, ['spec', 'template', 'spec', 'containers']);
  return (Array.isArray(containers) ? containers : []).map(({ name }) => String(name));
}

/** Whether all that the manifest has ended well: a side-car that was injected keeps a Job running that is done. */
async function ranToItsEnd(manifest: ClusterObject, job: ClusterObject, engine: Engine): Promise<boolean> {
  const own = containersOf(manifest);
  const pods = await podsOfJob(job, engine);
  return pods.some(({ status }) => {
    const { containerStatuses = [] } = (status ?? {}) as {
      containerStatuses?: { name: string; state?: { terminated?: { exitCode: number } } }[];
    };
    const codes = own.map(
      (name) => containerStatuses.find((each) => each.name === name)?.state?.terminated?.exitCode,
    );
    return own.length > 0 && codes.every((code) => code === 0);
  });
}

async function removeJob(manifest: ClusterObject, operation: RunOperation, engine: Engine): Promise<void> {
  const { cluster, clock, signal } = engine;
  const ref = refOf(manifest);
  let uid: string | undefined;
  await persist(engine, async () => {
    const found = await cluster.get(ref, signal);
    if (!found || nonceOf(found) !== operation.nonce) return true;
    uid = found.metadata.uid;
    await cluster.delete(ref, { uid, propagation: 'Background' }, signal);
    return true;
  });
  if (uid === undefined) return;
  await waitGone(ref, uid, operation.within, cluster, clock, signal);
}

async function jobEnded(manifest: ClusterObject, engine: Engine): Promise<Look> {
  const job = await engine.cluster.get(refOf(manifest), engine.signal);
  if (!job) return { holds: true, seen: 'gone' };
  const status = isRecord(job.status) ? job.status : {};
  const conditions = (status.conditions ?? []) as { type: string; status: string }[];
  const end = conditions.find(
    ({ type, status }) => status === 'True' && ['Complete', 'Failed'].includes(type),
  );
  if (end) return { holds: true, seen: end.type };
  if (await ranToItsEnd(manifest, job, engine)) return { holds: true, seen: 'Complete' };
  return { holds: false, seen: 'still running' };
}
