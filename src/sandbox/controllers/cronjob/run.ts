import { parseSchedule } from '../../cron.ts';
import type { ControllerContext } from '../context.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '../kinds.ts';
import { COMPONENT, createJob, deleteJob, referenceTo, rfc3339 } from './jobs.ts';
import { dueTimes } from './schedule.ts';

/** More missed times than this are told of: the clock or the schedule may be wrong. */
const MANY_MISSED = 100;

interface Started {
  status: CronJobStatus;
  waitMs?: number;
  failure?: unknown;
}

/** Starts the Job of the latest time that has passed, if the policy allows it; earlier times are missed for good. */
export function startDue(context: ControllerContext, cronJob: CronJob): Started {
  const { clock, events } = context;
  const { spec, status } = cronJob;
  const now = clock.now();
  const schedule = parseSchedule(spec.schedule);
  const { latest, missed, next } = dueTimes(schedule, cronJob, now);
  const waitMs = next === undefined ? undefined : Math.max(1, next - now);
  if (missed > MANY_MISSED) {
    const message =
      'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    events.record(COMPONENT, cronJob, 'Warning', 'TooManyMissedTimes', message);
  }
  if (latest === undefined) return { status, waitMs };
  let active = status.active ?? [];
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    events.record(COMPONENT, cronJob, 'Normal', 'JobAlreadyActive', message);
    return { status, waitMs };
  }
  if (spec.concurrencyPolicy === 'Replace') {
    for (const job of running(context, active)) deleteJob(context, cronJob, job);
    active = [];
  }
  try {
    const job = createJob(context, cronJob, latest);
    const started = [...active, ...(job ? [referenceTo(job)] : [])];
    const { active: _active, ...rest } = status;
    const lastScheduleTime = rfc3339(latest);
    return { status: { ...rest, ...(started.length > 0 && { active: started }), lastScheduleTime }, waitMs };
  } catch (failure) {
    return { status, waitMs, failure };
  }
}

function running({ api }: ControllerContext, active: readonly ObjectReference[]): Job[] {
  return active.flatMap(({ namespace, name, uid }) => {
    const job = api.get('jobs.batch', namespace, name) as Job | undefined;
    return job?.metadata.uid === uid ? [job] : [];
  });
}
