import type { ControllerContext } from '../context.ts';
import { finishedCondition } from '../job/outcome.ts';
import type { CronJob, Job } from '../kinds.ts';
import { deleteJob } from './jobs.ts';

/** Deletes the oldest finished Jobs beyond the limits, those that succeeded and those that failed apart. */
export function trimFinished(context: ControllerContext, cronJob: CronJob, jobs: readonly Job[]): void {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec;
  const ended = (outcome: string) => jobs.filter(({ status }) => finishedCondition(status)?.type === outcome);
  trim(context, cronJob, ended('Complete'), successfulJobsHistoryLimit);
  trim(context, cronJob, ended('Failed'), failedJobsHistoryLimit);
}

function trim(context: ControllerContext, cronJob: CronJob, jobs: Job[], limit = jobs.length): void {
  const started = (job: Job) => job.status.startTime ?? '';
  const oldest = [...jobs].sort(
    (a, b) => started(a).localeCompare(started(b)) || a.metadata.name.localeCompare(b.metadata.name),
  );
  for (const job of oldest.slice(0, Math.max(0, jobs.length - limit))) deleteJob(context, cronJob, job);
}
