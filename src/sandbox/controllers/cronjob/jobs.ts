/** The Jobs that a CronJob makes. */
import { ApiError, type NewObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { CronJob, Job, ObjectReference } from '../kinds.ts';
import { controllerReference } from '../owner.ts';

export const COMPONENT = 'cronjob-controller';

/** undefined if the Job of this time is there already: the last attempt was interrupted after making it. */
export function createJob(
  { api, events }: ControllerContext,
  cronJob: CronJob,
  time: number,
): Job | undefined {
  try {
    const job = api.create('jobs.batch', jobOf(cronJob, time), COMPONENT) as Job;
    events.record(COMPONENT, cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
    return job;
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'AlreadyExists') return undefined;
    const message = `Error creating job: ${(error as Error).message}`;
    events.record(COMPONENT, cronJob, 'Warning', 'FailedCreate', message);
    throw error;
  }
}

/** Named after the minute, so that no time gets two Jobs. */
function jobOf(cronJob: CronJob, time: number): NewObject {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${cronJob.metadata.name}-${Math.floor(time / 60_000)}`,
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels && { labels: { ...metadata.labels } }),
      annotations: {
        ...metadata?.annotations,
        'batch.kubernetes.io/cronjob-scheduled-timestamp': rfc3339(time),
      },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: structuredClone(spec),
  };
}

export function referenceTo({ metadata }: Job): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion };
}

export const rfc3339 = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Deletes a Job with its pods and tells of it. */
export function deleteJob({ api, events }: ControllerContext, cronJob: CronJob, { metadata }: Job): void {
  if (metadata.deletionTimestamp) return;
  const { namespace, name, uid } = metadata;
  api.delete('jobs.batch', namespace, name, { uid, propagationPolicy: 'Background' });
  events.record(COMPONENT, cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
}
