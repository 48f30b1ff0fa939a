import { claim } from '../claim.ts';
import type { ControllerContext } from '../context.ts';
import type { Job, JobStatus, Pod } from '../kinds.ts';
import { controllerOf } from '../owner.ts';
import { isActive, isReady, isTerminating } from '../pod-state.ts';
import { timestamp } from '../time.ts';
import { writeStatus } from '../write-status.ts';
import { backoffMillis, type FailureRecord, recordFinished } from './backoff.ts';
import { formatIndexes, indexOf, isIndexed, parseIndexes } from './indexes.ts';
import {
  announce,
  announcedOutcome,
  COMPLETED,
  enact,
  failureOf,
  finishedCondition,
  millisUntilDeadline,
  type Outcome,
  withSuspended,
} from './outcome.ts';
import {
  countUncounted,
  type Finished,
  isTracked,
  newlyFinished,
  untrack,
  withUncounted,
} from './tracking.ts';
import { COMPONENT, dismissWorkers, manageWorkers } from './workers.ts';

/** Failures by uid of the job. */
export type FailureRecords = Map<string, FailureRecord>;

/** Brings one job a step further. Returns after how many milliseconds to look again, if time alone matters. */
export function syncJob(context: ControllerContext, given: Job, records: FailureRecords): number | undefined {
  const pods = claim<Pod>(context.api, given, given.spec.selector, 'pods');
  if (finishedCondition(given.status)) {
    records.delete(given.metadata.uid);
    for (const pod of pods) if (isTracked(pod)) untrack(context, pod);
    return undefined;
  }
  const now = context.clock.now();
  const job = started(given, timestamp(context.clock));
  const fresh = newlyFinished(job, pods);
  const record = recordFinished(records.get(job.metadata.uid), fresh, now);
  records.set(job.metadata.uid, record);

  const doneIndexes = completedIndexes(job, fresh);
  const succeeded = isIndexed(job) ? doneIndexes.size : succeededSoFar(job, fresh);
  const active = pods.filter(isActive);
  let outcome = announcedOutcome(job.status) ?? failureOf(job, failedSoFar(job, fresh), active, now);
  const waitMs = backoffMillis(record, now, context.speed);
  let failure: unknown;
  if (outcome) dismissWorkers(context, job, active);
  else if (job.metadata.deletionTimestamp === undefined) {
    try {
      manageWorkers(context, job, {
        active,
        terminating: pods.filter(isTerminating),
        succeeded,
        doneIndexes,
        waitMs,
      });
    } catch (error) {
      // The counts are written all the same; the throw at the end has the job tried again.
      failure = error;
    }
    if (isComplete(job, succeeded, podsOf(context, job).filter(isActive).length)) outcome = COMPLETED;
  }
  writeProgress(context, job, outcome, doneIndexes);
  if (failure) throw failure;
  return nextLook(job, waitMs, now);
}

function started(job: Job, now: string): Job {
  if (job.status.startTime !== undefined || job.spec.suspend) return job;
  return { ...job, status: { ...job.status, startTime: now } };
}

function podsOf({ api }: ControllerContext, job: Job): Pod[] {
  const pods = api.list('pods', { namespace: job.metadata.namespace }) as readonly Pod[];
  return pods.filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
}

function succeededSoFar({ status }: Job, fresh: Finished): number {
  return (
    (status.succeeded ?? 0) +
    (status.uncountedTerminatedPods?.succeeded?.length ?? 0) +
    fresh.succeeded.length
  );
}

function failedSoFar({ status }: Job, fresh: Finished): number {
  return (status.failed ?? 0) + (status.uncountedTerminatedPods?.failed?.length ?? 0) + fresh.failed.length;
}

function completedIndexes({ spec, status }: Job, fresh: Finished): Set<number> {
  const indexes = parseIndexes(status.completedIndexes);
  for (const pod of fresh.succeeded) {
    const index = indexOf(pod, spec.completions ?? 0);
    if (index !== undefined) indexes.add(index);
  }
  return indexes;
}

/** Without `completions` a job is a work queue: done when one pod succeeded and none is left. */
function isComplete({ spec }: Job, succeeded: number, active: number): boolean {
  if (spec.suspend) return false;
  if (spec.completions === undefined) return succeeded > 0 && active === 0;
  return succeeded >= spec.completions;
}

/**
 * Pods are counted in three steps so that none is lost or counted twice: noted by uid in the status, released
 * from their finalizer, added to the counts. The outcome is enacted when none is noted or terminating.
 */
function writeProgress(
  context: ControllerContext,
  job: Job,
  outcome: Outcome | undefined,
  doneIndexes: ReadonlySet<number>,
): void {
  const now = timestamp(context.clock);
  const pods = podsOf(context, job);
  const fresh = newlyFinished(job, pods);
  const noted = notedStatus(job, pods, fresh, doneIndexes, outcome, now);
  writeStatus(context, ['jobs.batch', COMPONENT], job, noted);
  tellOfSuspension(context, job, noted);
  const over = outcome !== undefined || job.metadata.deletionTimestamp !== undefined;
  const counted = new Set([...fresh.succeeded, ...fresh.failed].map((pod) => pod.metadata.uid));
  const { succeeded = [], failed = [] } = noted.uncountedTerminatedPods ?? {};
  for (const uid of [...succeeded, ...failed]) counted.add(uid);
  for (const pod of pods) {
    if (isTracked(pod) && (counted.has(pod.metadata.uid) || (over && !isActive(pod)))) untrack(context, pod);
  }
  const status = countUncounted(noted);
  if (!outcome || noted.terminating !== 0) {
    writeStatus(context, ['jobs.batch', COMPONENT], job, status);
    return;
  }
  writeStatus(context, ['jobs.batch', COMPONENT], job, {
    ...status,
    conditions: enact(status.conditions ?? [], outcome, now),
    ...(outcome.type === 'Complete' && { completionTime: now }),
  });
  const { events } = context;
  if (outcome.type === 'Complete') events.record(COMPONENT, job, 'Normal', 'Completed', 'Job completed');
  else events.record(COMPONENT, job, 'Warning', outcome.reason, outcome.message);
}

function notedStatus(
  job: Job,
  pods: readonly Pod[],
  fresh: Finished,
  doneIndexes: ReadonlySet<number>,
  outcome: Outcome | undefined,
  now: string,
): JobStatus {
  const active = pods.filter(isActive);
  let conditions = job.status.conditions ?? [];
  if (outcome) conditions = announce(conditions, outcome, now);
  else conditions = withSuspended(conditions, job.spec.suspend ?? false, now);
  const { active: _active, startTime, completedIndexes: _indexes, ...standing } = job.status;
  return {
    ...standing,
    ...(startTime !== undefined && !job.spec.suspend && { startTime }),
    ...(conditions.length > 0 && { conditions }),
    ...(active.length > 0 && { active: active.length }),
    ready: active.filter(isReady).length,
    terminating: pods.filter(isTerminating).length,
    uncountedTerminatedPods: withUncounted(job, fresh),
    ...(doneIndexes.size > 0 &&
      isIndexed(job) && { completedIndexes: formatIndexes(doneIndexes), succeeded: doneIndexes.size }),
  };
}

function tellOfSuspension({ events }: ControllerContext, job: Job, status: JobStatus): void {
  const suspended = ({ conditions }: JobStatus) =>
    conditions?.find(({ type }) => type === 'Suspended')?.status;
  const after = suspended(status);
  if (suspended(job.status) === after) return;
  if (after === 'True') events.record(COMPONENT, job, 'Normal', 'Suspended', 'Job suspended');
  else events.record(COMPONENT, job, 'Normal', 'Resumed', 'Job resumed');
}

function nextLook(job: Job, waitMs: number, now: number): number | undefined {
  const waits = [waitMs, millisUntilDeadline(job, now) ?? 0].filter((wait) => wait > 0);
  return waits.length > 0 ? Math.min(...waits) : undefined;
}
