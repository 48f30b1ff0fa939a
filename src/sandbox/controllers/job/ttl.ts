import type { ControllerContext } from '../context.ts';
import type { Job } from '../kinds.ts';
import { millis } from '../time.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { finishedCondition } from './outcome.ts';

/** Deletes jobs ttlSecondsAfterFinished after their end. */
export function startTtlController(context: ControllerContext): () => void {
  const { api, dispatcher, clock } = context;
  const queue = dispatcher.queue('ttl-after-finished', (key) => {
    const { namespace, name } = splitKey(key);
    const job = api.get('jobs.batch', namespace, name) as Job | undefined;
    const finished = job && finishedCondition(job.status);
    if (!finished || job.spec.ttlSecondsAfterFinished === undefined || job.metadata.deletionTimestamp) return;
    const leftMs =
      millis(finished.lastTransitionTime) + job.spec.ttlSecondsAfterFinished * 1000 - clock.now();
    if (leftMs > 0) queue.addAfter(key, leftMs);
    else
      api.delete('jobs.batch', namespace, name, { uid: job.metadata.uid, propagationPolicy: 'Foreground' });
  });
  return api.watch('jobs.batch', ({ type, object }) => {
    if (type !== 'DELETED' && (object as Job).spec.ttlSecondsAfterFinished !== undefined)
      queue.add(keyOf(object));
  });
}
