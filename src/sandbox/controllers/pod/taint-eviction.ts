import { ApiError } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Node, Pod, Taint } from '../kinds.ts';
import { tolerates } from '../scheduler/taints.ts';
import { millis } from '../time.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { markDisrupted } from './disruption.ts';

const COMPONENT = 'taint-eviction-controller';

/** Deletes pods from nodes with a NoExecute taint that they do not tolerate, or tolerate for a time only. */
export function startTaintEviction(context: ControllerContext): () => void {
  const { api, dispatcher, clock, events } = context;
  const queue = dispatcher.queue('taint-eviction', (key) => {
    const { namespace, name } = splitKey(key);
    const pod = api.get('pods', namespace, name) as Pod | undefined;
    if (!pod?.spec.nodeName || pod.metadata.deletionTimestamp) return;
    const node = api.get('nodes', undefined, pod.spec.nodeName) as Node | undefined;
    const leftMs = node && millisUntilEviction(pod, node.spec.taints ?? [], clock.now());
    if (leftMs === undefined) return;
    if (leftMs > 0) {
      queue.addAfter(key, leftMs);
      return;
    }
    events.record(
      COMPONENT,
      pod,
      'Normal',
      'TaintManagerEviction',
      `Marking for deletion Pod ${namespace}/${name}`,
    );
    markDisrupted(context, pod, 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint');
    try {
      api.delete('pods', namespace, name, { uid: pod.metadata.uid });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  });
  const stops = [
    api.watch('nodes', ({ type, object }) => {
      const node = object as Node;
      if (type === 'DELETED' || !node.spec.taints?.some(evicts)) return;
      for (const pod of api.list('pods') as readonly Pod[]) {
        if (pod.spec.nodeName === node.metadata.name) queue.add(keyOf(pod));
      }
    }),
    api.watch('pods', ({ type, object }) => {
      const node = type === 'DELETED' ? undefined : api.get('nodes', undefined, object.spec.nodeName ?? '');
      if ((node as Node | undefined)?.spec.taints?.some(evicts)) queue.add(keyOf(object));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function evicts({ effect }: Taint): boolean {
  return effect === 'NoExecute';
}

/** Milliseconds until the pod has to go; undefined if it may stay. */
function millisUntilEviction(pod: Pod, taints: readonly Taint[], now: number): number | undefined {
  const waits = taints.filter(evicts).map((taint) => {
    const fitting = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (fitting.length === 0) return 0;
    const limits = fitting
      .map(({ tolerationSeconds }) => tolerationSeconds)
      .filter((limit) => limit !== undefined);
    if (limits.length === 0) return Number.POSITIVE_INFINITY;
    const since = Number.isNaN(millis(taint.timeAdded)) ? now : millis(taint.timeAdded);
    return Math.max(0, since + Math.min(...limits) * 1000 - now);
  });
  const shortest = Math.min(Number.POSITIVE_INFINITY, ...waits);
  return Number.isFinite(shortest) ? shortest : undefined;
}
