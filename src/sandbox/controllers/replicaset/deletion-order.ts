import type { Pod } from '../kinds.ts';
import { findCondition, isReady } from '../pod-state.ts';
import { millis } from '../time.ts';

const PHASE_ORDER: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * The `count` pods to give up first: unassigned before assigned, pending before running, not ready before
 * ready, lower deletion cost, more crowded node, ready for a shorter time, more restarts, younger
 * (Kubernetes' ActivePodsWithRanks).
 */
export function podsToDelete(pods: readonly Pod[], count: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const onNode = new Map<string, number>();
  for (const pod of pods) {
    const node = pod.spec.nodeName ?? '';
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const crowd = (pod: Pod) => onNode.get(pod.spec.nodeName ?? '') ?? 0;
  return [...pods]
    .sort((a, b) => compareForDeletion(a, b) || crowd(b) - crowd(a) || byAge(a, b))
    .slice(0, count);
}

function compareForDeletion(a: Pod, b: Pod): number {
  return (
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    (PHASE_ORDER[a.status.phase ?? 'Pending'] ?? 0) - (PHASE_ORDER[b.status.phase ?? 'Pending'] ?? 0) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    deletionCost(a) - deletionCost(b)
  );
}

function byAge(a: Pod, b: Pod): number {
  return (
    newerFirst(readySince(a), readySince(b)) ||
    restarts(b) - restarts(a) ||
    newerFirst(millis(a.metadata.creationTimestamp), millis(b.metadata.creationTimestamp)) ||
    (a.metadata.uid < b.metadata.uid ? -1 : 1)
  );
}

function newerFirst(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? 0 : b - a;
}

function readySince(pod: Pod): number {
  return isReady(pod)
    ? millis(findCondition(pod.status.conditions, 'Ready')?.lastTransitionTime)
    : Number.NaN;
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status.containerStatuses ?? []).map((container) => container.restartCount ?? 0));
}

function deletionCost(pod: Pod): number {
  return Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;
}
