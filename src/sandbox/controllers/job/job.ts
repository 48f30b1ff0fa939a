import type { ControllerContext } from '../context.ts';
import type { Job, Pod } from '../kinds.ts';
import { controllerOf } from '../owner.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { type FailureRecords, syncJob } from './sync.ts';
import { isTracked, untrack } from './tracking.ts';

/** Jobs that name another manager are left to it. */
const MANAGER = 'kubernetes.io/job-controller';

/** What happens to pods within this time is taken in at once (syncJobBatchPeriod of the real controller). */
const BATCH_MS = 1_000;

/** Runs Jobs to their end. */
export function startJobController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const records: FailureRecords = new Map();
  const queue = dispatcher.queue('job', (key) => {
    const { namespace, name } = splitKey(key);
    const job = api.get('jobs.batch', namespace, name) as Job | undefined;
    if (!job || (job.spec.managedBy ?? MANAGER) !== MANAGER) return;
    const waitMs = syncJob(context, job, records);
    if (waitMs !== undefined) queue.addAfter(key, waitMs);
  });
  const orphans = dispatcher.queue('job-orphan-pods', (key) => {
    const { namespace, name } = splitKey(key);
    const pod = api.get('pods', namespace, name) as Pod | undefined;
    if (pod && isTracked(pod) && !jobOf(context, pod)) untrack(context, pod);
  });
  const stops = [
    api.watch('jobs.batch', ({ type, object: job }) => {
      queue.add(keyOf(job));
      if (type !== 'DELETED') return;
      records.delete(job.metadata.uid);
      for (const pod of api.list('pods', { namespace: job.metadata.namespace }) as readonly Pod[]) {
        if (controllerOf(pod)?.uid === job.metadata.uid) orphans.add(keyOf(pod));
      }
    }),
    api.watch('pods', ({ type, object }) => {
      const pod = object as Pod;
      const controller = controllerOf(pod);
      if (controller?.kind === 'Job') {
        const key = `${pod.metadata.namespace}/${controller.name}`;
        if (type === 'MODIFIED' && isParallel(context, key)) queue.addAfter(key, BATCH_MS / context.speed);
        else queue.add(key);
      }
      if (type !== 'DELETED' && isTracked(pod)) orphans.add(keyOf(pod));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** A job of one pod at a time has nothing to gather. */
function isParallel({ api }: ControllerContext, key: string): boolean {
  const { namespace, name } = splitKey(key);
  const job = api.get('jobs.batch', namespace, name) as Job | undefined;
  return (job?.spec.parallelism ?? 1) > 1;
}

/** The job that will count the pod, if it is still there. */
function jobOf({ api }: ControllerContext, pod: Pod) {
  const controller = controllerOf(pod);
  if (controller?.kind !== 'Job') return undefined;
  const job = api.get('jobs.batch', pod.metadata.namespace, controller.name);
  return job?.metadata.uid === controller.uid ? job : undefined;
}
