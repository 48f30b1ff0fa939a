import type { ControllerContext } from '../context.ts';
import type { CronJob, Job } from '../kinds.ts';
import { controllerOf } from '../owner.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { writeStatus } from '../write-status.ts';
import { trimFinished } from './history.ts';
import { COMPONENT } from './jobs.ts';
import { noteJobs } from './note.ts';
import { startDue } from './run.ts';

/** Timers take no longer waits, and a clock that was set back shall not keep a schedule waiting for ever. */
const LONGEST_WAIT_MS = 3_600_000;

/** Starts Jobs at their times (pkg/controller/cronjob/cronjob_controllerv2.go). */
export function startCronJobController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const queue = dispatcher.queue('cronjob', (key) => {
    const { namespace, name } = splitKey(key);
    const cronJob = api.get('cronjobs.batch', namespace, name) as CronJob | undefined;
    if (!cronJob) return;
    const waitMs = reconcile(context, cronJob);
    if (waitMs !== undefined) queue.addAfter(key, Math.min(waitMs, LONGEST_WAIT_MS));
  });
  const stops = [
    api.watch('cronjobs.batch', ({ type, object }) => {
      if (type !== 'DELETED') queue.add(keyOf(object));
    }),
    api.watch('jobs.batch', ({ object: job }) => {
      const controller = controllerOf(job);
      if (controller?.kind === 'CronJob') queue.add(`${job.metadata.namespace}/${controller.name}`);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Returns after how many milliseconds the schedule is due again. */
function reconcile(context: ControllerContext, cronJob: CronJob): number | undefined {
  const { api } = context;
  const { namespace, uid } = cronJob.metadata;
  const jobs = (api.list('jobs.batch', { namespace }) as readonly Job[]).filter(
    (job) => controllerOf(job)?.uid === uid,
  );
  trimFinished(context, cronJob, jobs);
  const noted = noteJobs(context, cronJob, jobs);
  if (cronJob.metadata.deletionTimestamp || cronJob.spec.suspend) {
    writeStatus(context, ['cronjobs.batch', COMPONENT], cronJob, noted);
    return undefined;
  }
  const { status, waitMs, failure } = startDue(context, { ...cronJob, status: noted });
  writeStatus(context, ['cronjobs.batch', COMPONENT], cronJob, status);
  if (failure) throw failure;
  return waitMs;
}
