/** Whether a Pod may be evicted: PodDisruptionBudgets of its namespace decide (registry/core/pod/storage/eviction.go). */
import type { KubeObject } from '../../api.ts';
import { ApiError } from '../../api.ts';
import { matchesSelector } from '../../controllers/selector.ts';
import { poddisruptionbudgets } from '../kinds/poddisruptionbudget.ts';
import { timestamp } from '../names.ts';
import type { Operations } from '../operations.ts';

/** Takes one disruption from the budget that covers the Pod, if there is one; throws ApiError 429 if none is left. */
export function spendBudget({ context, update }: Operations, pod: KubeObject, dryRun: boolean): void {
  if (isDisruptedAnyway(pod)) return;
  const { namespace, name, labels } = pod.metadata;
  const budgets = context
    .list('poddisruptionbudgets.policy', namespace)
    .filter(({ spec }) => spec?.selector && matchesSelector(spec.selector, labels));
  const budget = budgets[0];
  if (!budget) return;
  if (budgets.length > 1) {
    const message =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new ApiError(500, '', message);
  }
  if (isUnhealthyAnyway(pod, budget)) return;
  if ((budget.status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) {
    const why = `The disruption budget ${budget.metadata.name} is still being processed by the server.`;
    throw tooMany(why, 10);
  }
  if (budget.status.disruptionsAllowed <= 0) throw tooMany(explanation(budget));
  update(
    poddisruptionbudgets,
    namespace,
    budget.metadata.name,
    (draft) => {
      const { status } = draft;
      status.disruptionsAllowed -= 1;
      status.disruptedPods = { ...status.disruptedPods, [name]: timestamp(context.now()) };
      if (status.disruptionsAllowed === 0) forbidDisruptions(draft, timestamp(context.now()));
      return draft;
    },
    { subresource: 'status', dryRun },
  );
}

/** Pods that do not serve anyone, or are going already. */
function isDisruptedAnyway({ metadata, status }: KubeObject): boolean {
  const idle = ['Succeeded', 'Failed', 'Pending'].includes(status?.phase);
  return idle || metadata.deletionTimestamp !== undefined;
}

/** A Pod that is not ready may go where enough others are, or where the budget says so. */
function isUnhealthyAnyway(pod: KubeObject, { spec, status }: KubeObject): boolean {
  const conditions: { type: string; status: string }[] = pod.status?.conditions ?? [];
  if (conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True')) return false;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0;
}

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

function explanation({ metadata, status }: KubeObject): string {
  const conditions: Condition[] = status.conditions ?? [];
  const failed = conditions.find(
    ({ type, reason }) => type === 'DisruptionAllowed' && reason === 'SyncFailed',
  );
  const lead = `The disruption budget ${metadata.name}`;
  if (failed)
    return `${lead} does not allow evicting pods currently because it failed sync: ${failed.message}`;
  if (status.currentHealthy <= status.desiredHealthy)
    return `${lead} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`;
  return `${lead} does not allow evicting pods currently`;
}

function tooMany(message: string, retryAfterSeconds?: number): ApiError {
  const text = "Cannot evict pod as it would violate the pod's disruption budget.";
  return new ApiError(429, 'TooManyRequests', text, {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds && { retryAfterSeconds }),
  });
}

function forbidDisruptions({ metadata, status }: KubeObject, now: string): void {
  const others = ((status.conditions ?? []) as Condition[]).filter(
    ({ type }) => type !== 'DisruptionAllowed',
  );
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: metadata.generation,
    lastTransitionTime: now,
    reason: 'InsufficientPods',
    message: '',
  };
  status.conditions = [...others, condition];
}
