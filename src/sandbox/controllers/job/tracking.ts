import type { ControllerContext } from '../context.ts';
import type { Job, JobStatus, Pod, UncountedPods } from '../kinds.ts';
import { indexOf, isIndexed } from './indexes.ts';

/** Holds a pod until the job controller has counted it. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING) ?? false;
}

export interface Finished {
  succeeded: Pod[];
  failed: Pod[];
}

/** The tracked pods that have ended and are in no count yet. */
export function newlyFinished(job: Job, pods: readonly Pod[]): Finished {
  const { succeeded = [], failed = [] } = job.status.uncountedTerminatedPods ?? {};
  const noted = new Set([...succeeded, ...failed]);
  const fresh = pods.filter((pod) => isTracked(pod) && !noted.has(pod.metadata.uid));
  const counts = (pod: Pod) => !isIndexed(job) || indexOf(pod, job.spec.completions ?? 0) !== undefined;
  return {
    succeeded: fresh.filter((pod) => pod.status.phase === 'Succeeded' && counts(pod)),
    failed: fresh.filter((pod) => hasFailed(job, pod) && counts(pod)),
  };
}

/** A pod that is being deleted counts as failed, unless only pods that have really ended are replaced. */
function hasFailed({ spec }: Job, { status, metadata }: Pod): boolean {
  if (status.phase === 'Failed') return true;
  if (spec.podReplacementPolicy === 'Failed') return false;
  return metadata.deletionTimestamp !== undefined && status.phase !== 'Succeeded';
}

/** Notes finished pods as not yet counted; those of an Indexed job that succeeded count by their index. */
export function withUncounted(job: Job, { succeeded, failed }: Finished): UncountedPods {
  const before = job.status.uncountedTerminatedPods ?? {};
  const ofPods = (noted: string[] | undefined, pods: Pod[]) => [
    ...(noted ?? []),
    ...pods.map((pod) => pod.metadata.uid),
  ];
  const nextSucceeded = ofPods(before.succeeded, isIndexed(job) ? [] : succeeded);
  const nextFailed = ofPods(before.failed, failed);
  return {
    ...(nextSucceeded.length > 0 && { succeeded: nextSucceeded }),
    ...(nextFailed.length > 0 && { failed: nextFailed }),
  };
}

/** Moves noted pods into the counts; call it once their finalizers are gone. */
export function countUncounted(status: JobStatus): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const total = (count: number | undefined, more: string[]) => (count ?? 0) + more.length;
  const totals = { succeeded: total(status.succeeded, succeeded), failed: total(status.failed, failed) };
  return {
    ...status,
    ...(totals.succeeded > 0 && { succeeded: totals.succeeded }),
    ...(totals.failed > 0 && { failed: totals.failed }),
    uncountedTerminatedPods: {},
  };
}

export function untrack({ api }: ControllerContext, pod: Pod): void {
  api.update('pods', pod.metadata.namespace, pod.metadata.name, (draft) => {
    if (draft.metadata.uid !== pod.metadata.uid) return undefined;
    const kept = draft.metadata.finalizers?.filter((finalizer) => finalizer !== TRACKING) ?? [];
    if (kept.length > 0) draft.metadata.finalizers = kept;
    else delete draft.metadata.finalizers;
    return draft;
  });
}
