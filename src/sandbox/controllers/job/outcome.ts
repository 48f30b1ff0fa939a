import type { Condition, Job, JobStatus, Pod } from '../kinds.ts';
import { findCondition } from '../pod-state.ts';
import { millis } from '../time.ts';

/** How a job ends. It is announced by an interim condition and enacted when all its pods are gone. */
export interface Outcome {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

const INTERIM = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const;

export const COMPLETED: Outcome = {
  type: 'Complete',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

/** The condition that says that the job is over, if it is. */
export function finishedCondition({ conditions }: JobStatus): Condition | undefined {
  return conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}

/** An outcome that was announced before. */
export function announcedOutcome({ conditions }: JobStatus): Outcome | undefined {
  for (const type of ['Failed', 'Complete'] as const) {
    const interim = findCondition(conditions, INTERIM[type]);
    if (interim?.status === 'True')
      return { type, reason: interim.reason ?? '', message: interim.message ?? '' };
  }
  return undefined;
}

/** Whether the job has failed, given how many of its pods have. `now` in ms. */
export function failureOf(
  job: Job,
  failed: number,
  active: readonly Pod[],
  now: number,
): Outcome | undefined {
  if (failed > job.spec.backoffLimit || restartsExceeded(job, active)) {
    return {
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    };
  }
  if (millisUntilDeadline(job, now) === 0) {
    return {
      type: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    };
  }
  return undefined;
}

/** Milliseconds until activeDeadlineSeconds has passed; undefined while there is no such deadline. */
export function millisUntilDeadline({ spec, status }: Job, now: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend || status.startTime === undefined)
    return undefined;
  return Math.max(0, millis(status.startTime) + spec.activeDeadlineSeconds * 1000 - now);
}

/** With restartPolicy OnFailure the restarts of containers count against the limit, not pods. */
function restartsExceeded({ spec }: Job, active: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of active) {
    for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
      restarts += container.restartCount ?? 0;
    }
  }
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= spec.backoffLimit;
}

/** The conditions with the outcome's interim one. */
export function announce(conditions: readonly Condition[], outcome: Outcome, now: string): Condition[] {
  return withJobCondition(conditions, { ...outcome, type: INTERIM[outcome.type], status: 'True' }, now);
}

/** The conditions with the outcome itself. */
export function enact(conditions: readonly Condition[], outcome: Outcome, now: string): Condition[] {
  return withJobCondition(conditions, { ...outcome, status: 'True' }, now);
}

/** Suspended: True, or False if it was True before. */
export function withSuspended(
  conditions: readonly Condition[],
  suspended: boolean,
  now: string,
): Condition[] {
  const standing = conditions.some((condition) => condition.type === 'Suspended');
  if (!suspended && !standing) return [...conditions];
  return withJobCondition(
    conditions,
    suspended
      ? { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
      : { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' },
    now,
  );
}

function withJobCondition(conditions: readonly Condition[], wanted: Condition, now: string): Condition[] {
  const { type, status, reason, message } = wanted;
  const condition = { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message };
  const at = conditions.findIndex((one) => one.type === type);
  if (at < 0) return [...conditions, condition];
  if (conditions[at]?.status === status) return [...conditions];
  return conditions.with(at, condition);
}
