import type { ControllerContext } from '../context.ts';
import type { DaemonSet, Node, Pod } from '../kinds.ts';
import { deletePod } from '../pod-control.ts';
import { millisUntilAvailable } from '../pod-state.ts';
import { matchesNode } from '../scheduler/node-affinity.ts';
import { untolerated } from '../scheduler/taints.ts';
import { COMPONENT, createMember, isUpdated, nodeOf, tolerant } from './members.ts';

export interface Placement {
  /** A pod of the set should be there. */
  run: boolean;
  /** One that is there already may stay. */
  stay: boolean;
}

/** Whether a node is one for the set: by name, selector and affinity of the template, and taints of the node. */
export function placement(set: DaemonSet, node: Node): Placement {
  const pod = { metadata: {}, spec: tolerant(set.spec.template.spec), status: {} } as Pod;
  const isNamed = !pod.spec.nodeName || pod.spec.nodeName === node.metadata.name;
  if (!isNamed || !matchesNode(pod, node)) return { run: false, stay: false };
  const taints = node.spec.taints ?? [];
  if (!untolerated(pod, taints, ['NoSchedule', 'NoExecute'])) return { run: true, stay: true };
  return { run: false, stay: !untolerated(pod, taints, ['NoExecute']) };
}

/** Creates what is missing on a node and deletes what should not be there. */
export function placePods(
  context: ControllerContext,
  set: DaemonSet,
  pods: readonly Pod[],
  hash: string,
): void {
  const nodes = context.api.list('nodes') as readonly Node[];
  for (const node of nodes) {
    const { run, stay } = placement(set, node);
    const onNode = pods.filter((pod) => nodeOf(pod) === node.metadata.name);
    const staying = onNode.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (!stay) for (const pod of staying) deletePod(context, COMPONENT, set, pod);
    else for (const pod of unwanted(context, set, staying, hash)) deletePod(context, COMPONENT, set, pod);
    // A pod that is still going keeps its place.
    if (run && onNode.length === 0) createMember(context, set, node.metadata.name, hash);
  }
  // Pods for nodes that are gone and that were never bound: nobody else would remove them.
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  for (const pod of pods) {
    const isLost = !pod.spec.nodeName && !names.has(nodeOf(pod) ?? '') && !pod.metadata.deletionTimestamp;
    if (isLost) deletePod(context, COMPONENT, set, pod);
  }
}

/** Pods that ended, and all but one of several; while an update surges, one of the old and one of the new. */
function unwanted(context: ControllerContext, set: DaemonSet, pods: readonly Pod[], hash: string): Pod[] {
  const ended = pods.filter(({ status }) => status.phase === 'Failed' || status.phase === 'Succeeded');
  for (const pod of ended) tellOfEnd(context, set, pod);
  const running = pods
    .filter((pod) => !ended.includes(pod))
    .sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
  const surges = !isNone(set.spec.updateStrategy.rollingUpdate?.maxSurge);
  if (!surges) return [...ended, ...running.slice(1)];
  const fresh = running.filter((pod) => isUpdated(set, pod, hash));
  const old = running.filter((pod) => !fresh.includes(pod));
  const minReady = set.spec.minReadySeconds ?? 0;
  const isReplaced = fresh.some((pod) => millisUntilAvailable(pod, minReady, context.clock.now()) === 0);
  return [...ended, ...fresh.slice(1), ...old.slice(isReplaced ? 0 : 1)];
}

const isNone = (value: number | string | undefined) => value === undefined || value === 0 || value === '0%';

function tellOfEnd({ events }: ControllerContext, set: DaemonSet, pod: Pod): void {
  const what = `${pod.metadata.namespace}/${pod.metadata.name} on node ${nodeOf(pod)}`;
  if (pod.status.phase === 'Failed') {
    const message = `Found failed daemon pod ${what}, will try to kill it`;
    events.record(COMPONENT, set, 'Warning', 'FailedDaemonPod', message);
    return;
  }
  const message = `Found succeeded daemon pod ${what}, will try to delete it`;
  events.record(COMPONENT, set, 'Normal', 'SucceededDaemonPod', message);
}
