import { ApiError, type KubeObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Condition, Node, Pod } from '../kinds.ts';
import { findCondition, isTerminal } from '../pod-state.ts';
import { timestamp } from '../time.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { chooseNode } from './choose.ts';
import type { Surroundings } from './fit.ts';

const NAME = 'default-scheduler';

/** Gives each pod that asks for the default scheduler a node. */
export function startScheduler(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const unschedulable = new Set<string>();
  const placed = new Set<string>();
  const queue = dispatcher.queue('scheduler', (key) => {
    const { namespace, name } = splitKey(key);
    const pod = api.get('pods', namespace, name) as Pod | undefined;
    unschedulable.delete(key);
    if (!pod || !isWaiting(pod)) return;
    const choice = chooseNode(pod, surroundings(context), context.random);
    if ('node' in choice) {
      bind(context, pod, choice.node);
      return;
    }
    unschedulable.add(key);
    reject(context, pod, choice.message);
  });
  const retry = () => {
    for (const key of unschedulable) queue.add(key);
  };
  const stops = [
    api.watch('pods', ({ type, object }) => {
      const pod = object as Pod;
      if (type !== 'DELETED' && isWaiting(pod)) {
        // What the scheduler itself wrote on a waiting pod is no reason to try again.
        if (type === 'ADDED' || !unschedulable.has(keyOf(pod))) queue.add(keyOf(pod));
      } else if (type === 'DELETED' || isTerminal(pod)) retry();
      else if (pod.spec.nodeName && !placed.has(pod.metadata.uid)) {
        // Somebody may wait for a pod to be near to.
        placed.add(pod.metadata.uid);
        retry();
      }
      if (type === 'DELETED') placed.delete(pod.metadata.uid);
    }),
    api.watch('nodes', retry),
  ];
  return () => {
    for (const stop of stops) stop();
  };
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

function surroundings({ api }: ControllerContext): Surroundings {
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
    labelsOf: (namespace) => api.get('namespaces', undefined, namespace)?.metadata.labels,
  };
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
      return draft;
    },
    { subresource: 'binding', by: NAME },
  );
  if (!bound) return;
  const message = `Successfully assigned ${namespace}/${name} to ${node}`;
  events.recordAction(NAME, pod, 'Normal', 'Scheduled', 'Binding', message);
}

function reject(context: ControllerContext, pod: Pod, message: string): void {
  const { api, clock, events } = context;
  const { namespace, name } = pod.metadata;
  events.recordAction(NAME, pod, 'Warning', 'FailedScheduling', 'Scheduling', message);
  const condition: Condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  try {
    api.update(
      'pods',
      namespace,
      name,
      (draft) => ({ ...draft, status: withScheduled(draft, condition, timestamp(clock)) }),
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
