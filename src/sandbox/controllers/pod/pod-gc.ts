import { ApiError } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Pod } from '../kinds.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { markDisrupted } from './disruption.ts';

/** How long a node must have been gone before its pods are given up (as in kube-controller-manager). */
const QUARANTINE_MS = 40_000;

/** Deletes the pods of nodes that do not exist: no kubelet will ever do it. */
export function startPodGarbageCollector(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const isStranded = (pod: Pod) =>
    Boolean(pod.spec.nodeName) && !api.get('nodes', undefined, pod.spec.nodeName ?? '');
  const queue = dispatcher.queue('pod-gc', (key) => {
    const { namespace, name } = splitKey(key);
    const pod = api.get('pods', namespace, name) as Pod | undefined;
    if (!pod || !isStranded(pod)) return;
    markDisrupted(context, pod, 'DeletionByPodGC', 'PodGC: node no longer exists', 'Failed');
    try {
      api.delete('pods', namespace, name, { uid: pod.metadata.uid, gracePeriodSeconds: 0 });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  });
  const stops = [
    api.watch('nodes', ({ type, object: node }) => {
      if (type !== 'DELETED') return;
      for (const pod of api.list('pods') as readonly Pod[]) {
        if (pod.spec.nodeName === node.metadata.name) queue.addAfter(keyOf(pod), QUARANTINE_MS);
      }
    }),
    api.watch('pods', ({ type, object }) => {
      if (type === 'ADDED' && isStranded(object as Pod)) queue.addAfter(keyOf(object), QUARANTINE_MS);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
