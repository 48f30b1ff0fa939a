import { ApiError, type KubeObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Condition, LabelSelector, Node, Pod } from '../kinds.ts';
import { markDisrupted } from '../pod/disruption.ts';
import { findCondition, isTerminal } from '../pod-state.ts';
import { matchesSelector } from '../selector.ts';
import { timestamp } from '../time.ts';
import { CLAIMS, CLASSES, type Volume } from '../volume/volume-types.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import type { Surroundings } from './candidate.ts';
import { chooseNode, unschedulable as unschedulableText } from './choose.ts';
import { findPreemption, ineligible, type Preemption } from './preemption.ts';
import { selectNode, volumeNeeds } from './volumes.ts';

const NAME = 'default-scheduler';

/** Gives each pod that asks for the default scheduler a node. */
export function startScheduler(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const unschedulable = new Set<string>();
  const placed = new Set<string>();
  /** In the order of their coming. */
  const pending = new Set<string>();
  const queue = dispatcher.queue('scheduler', () => {
    const pod = mostUrgent(context, pending);
    if (!pod) return;
    schedule(pod);
    pending.delete(keyOf(pod));
  });
  const add = (key: string) => {
    pending.add(key);
    queue.add(key);
  };
  function schedule(pod: Pod): void {
    const key = keyOf(pod);
    unschedulable.delete(key);
    const needs = volumeNeeds(api, pod);
    const choice =
      'problem' in needs
        ? { message: `0/${api.list('nodes').length} nodes are available: ${needs.problem}. not found` }
        : chooseNode(pod, surroundings(context, needs.volumes), context.random);
    if ('node' in choice) {
      const unbound = 'unbound' in needs ? needs.unbound : [];
      if (unbound.length === 0) return bind(context, pod, choice.node);
      // It comes back when its claims have changed.
      unschedulable.add(key);
      return selectNode(api, unbound, choice.node);
    }
    unschedulable.add(key);
    if ('message' in choice) return reject(context, pod, choice.message);
    const around = surroundings(context, 'volumes' in needs ? needs.volumes : []);
    const why = ineligible(pod, around);
    const preemption = why === undefined ? findPreemption(pod, around) : undefined;
    reject(context, pod, unschedulableText(choice.misfits, preemption !== undefined, why), preemption?.node);
    if (preemption) preempt(context, pod, preemption);
  }
  const retry = () => {
    for (const key of unschedulable) add(key);
  };
  const stops = [
    api.watch('pods', ({ type, object }) => {
      const pod = object as Pod;
      if (type !== 'DELETED' && isWaiting(pod)) {
        // What the scheduler itself wrote on a waiting pod is no reason to try again.
        if (type === 'ADDED' || !unschedulable.has(keyOf(pod))) add(keyOf(pod));
      } else if (type === 'DELETED' || isTerminal(pod)) retry();
      else if (pod.spec.nodeName && !placed.has(pod.metadata.uid)) {
        // Somebody may wait for a pod to be near to.
        placed.add(pod.metadata.uid);
        retry();
      }
      if (type === 'DELETED') placed.delete(pod.metadata.uid);
    }),
    ...['nodes', CLAIMS, CLASSES].map((resource) => api.watch(resource, retry)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Of the pods that wait the first with the highest priority; forgets those that no longer wait. */
function mostUrgent({ api }: ControllerContext, pending: Set<string>): Pod | undefined {
  let first: Pod | undefined;
  for (const key of pending) {
    const { namespace, name } = splitKey(key);
    const pod = api.get('pods', namespace, name) as Pod | undefined;
    if (!pod || !isWaiting(pod)) pending.delete(key);
    else if (!first || (pod.spec.priority ?? 0) > (first.spec.priority ?? 0)) first = pod;
  }
  return first;
}

function isWaiting({ spec, metadata, status }: Pod): boolean {
  return (
    !spec.nodeName &&
    (spec.schedulerName ?? NAME) === NAME &&
    metadata.deletionTimestamp === undefined &&
    !(spec.schedulingGates ?? []).length &&
    (status.phase ?? 'Pending') === 'Pending'
  );
}

function surroundings({ api }: ControllerContext, volumes: readonly Volume[]): Surroundings {
  const byNode = new Map<string, Pod[]>();
  for (const pod of api.list('pods') as readonly Pod[]) {
    if (!pod.spec.nodeName || isTerminal(pod)) continue;
    const pods = byNode.get(pod.spec.nodeName) ?? [];
    pods.push(pod);
    byNode.set(pod.spec.nodeName, pods);
  }
  return {
    candidates: (api.list('nodes') as readonly Node[]).map((node) => ({
      node,
      pods: byNode.get(node.metadata.name) ?? [],
    })),
    volumes,
    isGuarded: guardedBy(api.list('poddisruptionbudgets.policy') as readonly Budget[]),
    labelsOf: (namespace) => api.get('namespaces', undefined, namespace)?.metadata.labels,
  };
}

interface Budget extends KubeObject {
  spec: { selector?: LabelSelector };
}

/** By the budgets that allow no disruption now. */
function guardedBy(budgets: readonly Budget[]): (pod: Pod) => boolean {
  const spent = budgets.filter(({ status }) => (status?.disruptionsAllowed ?? 0) < 1);
  return ({ metadata }) =>
    spent.some(
      (budget) =>
        budget.metadata.namespace === metadata.namespace &&
        budget.spec.selector !== undefined &&
        matchesSelector(budget.spec.selector, metadata.labels),
    );
}

/** Ends the less urgent, with their grace periods; the pod comes back when they are gone. */
function preempt(context: ControllerContext, pod: Pod, { node, victims }: Preemption): void {
  const { api, events } = context;
  const why = `${NAME}: preempting to accommodate a higher priority pod`;
  for (const victim of victims) {
    if (victim.metadata.deletionTimestamp) continue;
    const { namespace, name, uid } = victim.metadata;
    try {
      markDisrupted(context, victim, 'PreemptionByScheduler', why);
      api.delete('pods', namespace, name, { uid });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      continue;
    }
    const message = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
    events.recordAction(NAME, victim, 'Normal', 'Preempted', 'Preempting', message);
  }
}

function bind(context: ControllerContext, pod: Pod, node: string): void {
  const { api, clock, events } = context;
  const { namespace, name } = pod.metadata;
  const bound = api.update(
    'pods',
    namespace,
    name,
    (draft) => {
      if (draft.spec.nodeName) return undefined;
      draft.spec.nodeName = node;
      draft.status = withScheduled(draft, { type: 'PodScheduled', status: 'True' }, timestamp(clock));
      delete draft.status.nominatedNodeName;
      return draft;
    },
    { subresource: 'binding', by: NAME },
  );
  if (!bound) return;
  const message = `Successfully assigned ${namespace}/${name} to ${node}`;
  events.recordAction(NAME, pod, 'Normal', 'Scheduled', 'Binding', message);
}

/** `nominated`: the node where room is being made. */
function reject(context: ControllerContext, pod: Pod, message: string, nominated?: string): void {
  const { api, clock, events } = context;
  const { namespace, name } = pod.metadata;
  events.recordAction(NAME, pod, 'Warning', 'FailedScheduling', 'Scheduling', message);
  const condition: Condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  try {
    api.update(
      'pods',
      namespace,
      name,
      (draft) => ({
        ...draft,
        status: {
          ...withScheduled(draft, condition, timestamp(clock)),
          ...(nominated ? { nominatedNodeName: nominated } : {}),
        },
      }),
      { subresource: 'status', by: NAME },
    );
  } catch (error) {
    // The pod may have gone in the meantime.
    if (!(error instanceof ApiError)) throw error;
  }
}

function withScheduled(pod: KubeObject, { type, status, ...why }: Condition, now: string) {
  const conditions = (pod.status.conditions ?? []) as Condition[];
  const standing = findCondition(conditions, type);
  const condition = {
    type,
    observedGeneration: pod.metadata.generation,
    status,
    lastProbeTime: null,
    lastTransitionTime: standing?.status === status ? standing.lastTransitionTime : now,
    ...why,
  };
  const others = conditions.filter((one) => one.type !== type);
  return { ...pod.status, conditions: [...others, condition] };
}
