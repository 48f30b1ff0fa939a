import type { ControllerContext } from '../context.ts';
import type { Pod, PodDisruptionBudget } from '../kinds.ts';
import { matchesSelector } from '../selector.ts';
import { millis, timestamp } from '../time.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { writeStatus } from '../write-status.ts';
import { expectedPods } from './expected-pods.ts';
import { budgetStatus, syncFailed } from './status.ts';

const COMPONENT = 'controllermanager';
/** An evicted pod that is not gone after this time is counted again (as in kube-controller-manager). */
const DELETION_TIMEOUT_MS = 120_000;

/** Keeps the status of PodDisruptionBudgets: how many of their pods may be evicted now. */
export function startDisruptionController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const resource = 'poddisruptionbudgets.policy';
  const queue = dispatcher.queue('disruption', (key) => {
    const { namespace, name } = splitKey(key);
    const budget = api.get(resource, namespace, name) as PodDisruptionBudget | undefined;
    if (!budget) return;
    const waitMs = reconcile(context, budget);
    if (waitMs !== undefined) queue.addAfter(key, waitMs);
  });
  const budgetsOf = (pod: Pod) =>
    (api.list(resource, { namespace: pod.metadata.namespace }) as readonly PodDisruptionBudget[]).filter(
      (budget) => selects(budget, pod),
    );
  /** Budgets that saw a pod last, by its key: one that is relabelled leaves them. */
  const former = new Map<string, string[]>();
  const stops = [
    api.watch(resource, ({ object }) => queue.add(keyOf(object))),
    api.watch('pods', ({ type, object }) => {
      const key = keyOf(object);
      const keys = budgetsOf(object as Pod).map(keyOf);
      for (const one of new Set([...keys, ...(former.get(key) ?? [])])) queue.add(one);
      if (type === 'DELETED') former.delete(key);
      else former.set(key, keys);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function selects({ spec }: PodDisruptionBudget, pod: Pod): boolean {
  return spec.selector !== undefined && matchesSelector(spec.selector, pod.metadata.labels);
}

/** Returns in how many milliseconds an evicted pod has to be counted again, if there is one. */
function reconcile(context: ControllerContext, budget: PodDisruptionBudget): number | undefined {
  const { api, clock, events } = context;
  const { namespace } = budget.metadata;
  const pods = (api.list('pods', { namespace }) as readonly Pod[]).filter((pod) => selects(budget, pod));
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    events.record(COMPONENT, budget, type, reason, message);
  if (pods.length === 0) tell('Normal', 'NoPods', 'No matching pods found');
  const now = timestamp(clock);
  const expected = expectedPods(api, budget, pods);
  if (expected.error) {
    const message = `Failed to calculate the number of expected pods: ${expected.error}`;
    tell('Warning', 'CalculateExpectedPodCountFailed', message);
    writeStatus(
      context,
      ['poddisruptionbudgets.policy', 'kube-controller-manager'],
      budget,
      syncFailed(budget, expected.error, now),
    );
    return undefined;
  }
  if (expected.unmanaged > 0) tell('Warning', 'UnmanagedPods', unmanaged(budget));
  const disrupted = stillDisrupted(budget, pods, clock.now());
  for (const name of disrupted.overdue) {
    const pod = pods.find((candidate) => candidate.metadata.name === name)!;
    const message = `Pod was expected by PDB ${namespace}/${budget.metadata.name} to be deleted but it wasn't`;
    events.record(COMPONENT, pod, 'Warning', 'NotDeleted', message);
  }
  writeStatus(
    context,
    ['poddisruptionbudgets.policy', 'kube-controller-manager'],
    budget,
    budgetStatus(budget, pods, expected, disrupted.waiting, now),
  );
  return disrupted.nextMs;
}

function unmanaged({ spec }: PodDisruptionBudget): string {
  return `Pods selected by this PodDisruptionBudget (selector: ${JSON.stringify(spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
}

/** Evicted pods that are still there and not yet marked for deletion. */
function stillDisrupted({ status }: PodDisruptionBudget, pods: readonly Pod[], now: number) {
  const waiting: Record<string, string> = {};
  const overdue: string[] = [];
  let nextMs: number | undefined;
  for (const [name, since] of Object.entries(status.disruptedPods ?? {})) {
    const pod = pods.find((candidate) => candidate.metadata.name === name);
    if (!pod || pod.metadata.deletionTimestamp) continue;
    const leftMs = millis(since) + DELETION_TIMEOUT_MS - now;
    if (leftMs < 0) overdue.push(name);
    else {
      waiting[name] = since;
      nextMs = Math.min(nextMs ?? leftMs, leftMs);
    }
  }
  return { waiting, overdue, nextMs: nextMs === undefined ? undefined : nextMs + 1 };
}
