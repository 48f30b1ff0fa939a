import type { KubeObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Job, Pod } from '../kinds.ts';
import { createPod, deletePod } from '../pod-control.ts';
import { podsToDelete } from '../replicaset/deletion-order.ts';
import { INDEX_KEY, indexOf, isIndexed, pendingIndexes } from './indexes.ts';
import { TRACKING, untrack } from './tracking.ts';

export const COMPONENT = 'job-controller';
const BURST = 500;

export interface Workforce {
  active: readonly Pod[];
  /** Pods that are going; with podReplacementPolicy Failed they are replaced only when gone. */
  terminating: readonly Pod[];
  succeeded: number;
  doneIndexes: ReadonlySet<number>;
  /** Milliseconds that the back-off still forbids new pods. */
  waitMs: number;
}

/** How many pods should be at work now. */
function wantedWorkers({ spec }: Job, { active, succeeded }: Workforce): number {
  if (spec.suspend) return 0;
  if (spec.completions === undefined) return succeeded > 0 ? active.length : spec.parallelism;
  return Math.min(spec.parallelism, Math.max(0, spec.completions - succeeded));
}

/** Creates or deletes pods. Those it deletes are not counted as failed. */
export function manageWorkers(context: ControllerContext, job: Job, workforce: Workforce): void {
  const { active, terminating, waitMs } = workforce;
  const wanted = wantedWorkers(job, workforce);
  const surplus = podsToDelete(active, Math.max(0, active.length - wanted)).slice(0, BURST);
  if (active.length > wanted) {
    for (const pod of surplus) {
      untrack(context, pod);
      deletePod(context, COMPONENT, job, pod);
    }
    return;
  }
  const held = job.spec.podReplacementPolicy === 'Failed' ? terminating.length : 0;
  const missing = Math.min(wanted - active.length - held, BURST);
  if (missing <= 0 || waitMs > 0) return;
  if (isIndexed(job)) createIndexed(context, job, workforce, missing);
  else {
    for (let i = 0; i < missing; i++) {
      createPod(context, COMPONENT, job, job.spec.template, { finalizers: [TRACKING] });
    }
  }
}

/** Deletes pods of a job that is over; they are counted as failed. */
export function dismissWorkers(context: ControllerContext, job: Job, active: readonly Pod[]): void {
  for (const pod of active) deletePod(context, COMPONENT, job, pod);
}

function createIndexed(context: ControllerContext, job: Job, workforce: Workforce, count: number): void {
  const completions = job.spec.completions ?? 0;
  const busy = new Set(
    workforce.active.map((pod) => indexOf(pod, completions)).filter((index) => index !== undefined),
  );
  for (const index of pendingIndexes(completions, count, workforce.doneIndexes, busy)) {
    createPod(context, COMPONENT, job, job.spec.template, {
      generateName: `${job.metadata.name}-${index}-`,
      finalizers: [TRACKING],
      change: (pod) => addIndex(pod, job, index),
    });
  }
}

function addIndex(pod: KubeObject, job: Job, index: number): void {
  pod.metadata.labels = { ...pod.metadata.labels, [INDEX_KEY]: String(index) };
  pod.metadata.annotations = { ...pod.metadata.annotations, [INDEX_KEY]: String(index) };
  pod.spec.hostname = `${job.metadata.name}-${index}`;
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX_KEY}']` } },
  };
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    const others = (container.env ?? []).filter((one: { name: string }) => one.name !== variable.name);
    container.env = [...others, variable];
  }
}
