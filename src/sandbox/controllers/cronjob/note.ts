import type { ControllerContext } from '../context.ts';
import { finishedCondition } from '../job/outcome.ts';
import type { CronJob, CronJobStatus, Job } from '../kinds.ts';
import { COMPONENT } from './jobs.ts';

/** The status brought up to date with the Jobs as they are, and Events of what became of them. */
export function noteJobs(context: ControllerContext, cronJob: CronJob, jobs: readonly Job[]): CronJobStatus {
  const { events, api } = context;
  let { active = [], ...rest } = cronJob.status;
  for (const job of jobs) {
    const isListed = active.some(({ uid }) => uid === job.metadata.uid);
    const outcome = finishedCondition(job.status)?.type;
    const { name, uid } = job.metadata;
    if (!outcome && !isListed) {
      const message = `Saw a job that the controller did not create or forgot: ${name}`;
      events.record(COMPONENT, cronJob, 'Warning', 'UnexpectedJob', message);
    }
    if (outcome && isListed) {
      active = active.filter((one) => one.uid !== uid);
      const message = `Saw completed job: ${name}, condition: ${outcome}`;
      events.record(COMPONENT, cronJob, 'Normal', 'SawCompletedJob', message);
    }
    const { completionTime } = job.status;
    if (outcome === 'Complete' && completionTime && completionTime > (rest.lastSuccessfulTime ?? '')) {
      rest = { ...rest, lastSuccessfulTime: completionTime };
    }
  }
  const isThere = (uid: string) => jobs.some(({ metadata }) => metadata.uid === uid);
  for (const { name, namespace, uid } of active.filter((one) => !isThere(one.uid))) {
    // A Job that lost its owner is still there, but is not ours any more.
    if (api.get('jobs.batch', namespace, name)?.metadata.uid === uid) continue;
    events.record(COMPONENT, cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
  }
  active = active.filter((one) => isThere(one.uid));
  return { ...rest, ...(active.length > 0 && { active }) };
}
