import type { ControllerContext } from '../context.ts';
import type { Node, Taint } from '../kinds.ts';
import { timestamp } from '../time.ts';

const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Keeps the taint of cordoned nodes in step with spec.unschedulable (part of the node lifecycle controller). */
export function startCordonController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const queue = dispatcher.queue('node-cordon', (name) => {
    const node = api.get('nodes', undefined, name) as Node | undefined;
    if (!node) return;
    const tainted = node.spec.taints?.some(isCordon) ?? false;
    if (tainted === (node.spec.unschedulable ?? false)) return;
    api.update('nodes', undefined, name, (draft) => {
      const others = ((draft.spec.taints ?? []) as Taint[]).filter((taint) => !isCordon(taint));
      if (!tainted)
        others.push({ key: UNSCHEDULABLE, effect: 'NoSchedule', timeAdded: timestamp(context.clock) });
      if (others.length > 0) draft.spec.taints = others;
      else delete draft.spec.taints;
      return draft;
    });
  });
  return api.watch('nodes', ({ object }) => queue.add(object.metadata.name));
}

function isCordon(taint: Taint): boolean {
  return taint.key === UNSCHEDULABLE && taint.effect === 'NoSchedule';
}
