/** The columns of Pods (pkg/printers/internalversion printPod). */

import type { V1ContainerState, V1ContainerStatus } from '@kubernetes/client-node';
import type { Json } from '../../../../kubernetes.ts';
import type { KubeObject } from '../../../api.ts';
import { age } from '../../table/duration.ts';
import { ageColumn, column, nameColumn, type Printer, wide } from '../../table/printer.ts';

export const table: Printer = {
  columns: [
    nameColumn,
    column('Ready', 'The aggregate readiness state of this pod for accepting traffic.'),
    column('Status', 'The aggregate status of the containers in this pod.'),
    column(
      'Restarts',
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    ),
    ageColumn,
    column('IP', 'V1PodStatus.podIP', wide),
    column('Node', 'V1PodSpec.nodeName', wide),
    column('Nominated Node', 'V1PodStatus.nominatedNodeName', wide),
    column('Readiness Gates', 'V1PodSpec.readinessGates', wide),
  ],
  row(pod, now) {
    const containers: ContainerStatus[] = pod.status?.containerStatuses ?? [];
    const sidecars = sidecarNames(pod);
    const ready =
      containers.filter((c) => c.ready && c.state?.running).length +
      initStatuses(pod).filter((c) => sidecars.has(c.name) && c.started && c.ready).length;
    return [
      pod.metadata.name,
      `${ready}/${(pod.spec?.containers ?? []).length + sidecars.size}`,
      podStatus(pod),
      restarts(pod, now),
      age(pod.metadata.creationTimestamp, now),
      pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '<none>',
      pod.spec?.nodeName || '<none>',
      pod.status?.nominatedNodeName || '<none>',
      readinessGates(pod),
    ];
  },
};

type ContainerState = Json<V1ContainerState>;

type ContainerStatus = Json<V1ContainerStatus>;

const initStatuses = (pod: KubeObject): ContainerStatus[] => pod.status?.initContainerStatuses ?? [];

function sidecarNames(pod: KubeObject): Set<string> {
  const init: { name: string; restartPolicy?: string }[] = pod.spec?.initContainers ?? [];
  return new Set(init.filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
}

export function podStatus(pod: KubeObject): string {
  const initial = pod.status?.reason || pod.status?.phase || '';
  const conditions: { type: string; status: string; reason?: string }[] = pod.status?.conditions ?? [];
  const gated = conditions.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated');
  let text = gated ? 'SchedulingGated' : initial;
  const initializing = initReason(pod);
  if (initializing) text = initializing;
  else text = mainReason(pod, text, conditions);
  if (!pod.metadata.deletionTimestamp) return text;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' ? text : 'Terminating';
}

function initReason(pod: KubeObject): string | undefined {
  const sidecars = sidecarNames(pod);
  const statuses = initStatuses(pod);
  const total = (pod.spec?.initContainers ?? []).length;
  for (const [index, { name, state, started }] of statuses.entries()) {
    if (state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(name) && started) continue;
    if (state?.terminated) return `Init:${terminatedReason(state.terminated)}`;
    const waiting = state?.waiting?.reason;
    if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${total}`;
  }
  return undefined;
}

function terminatedReason({ reason, signal, exitCode }: NonNullable<ContainerState['terminated']>): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function mainReason(
  pod: KubeObject,
  initial: string,
  conditions: { type: string; status: string }[],
): string {
  let text = initial;
  let running = false;
  // The first container that has something to say wins, so the list is read from its end.
  for (const { state, ready } of [
    ...((pod.status?.containerStatuses ?? []) as ContainerStatus[]),
  ].reverse()) {
    if (state?.waiting?.reason) text = state.waiting.reason;
    else if (state?.terminated) text = terminatedReason(state.terminated);
    else if (ready && state?.running) running = true;
  }
  if (text !== 'Completed' || !running) return text;
  const isReady = conditions.some((c) => c.type === 'Ready' && c.status === 'True');
  return isReady ? 'Running' : 'NotReady';
}

function restarts(pod: KubeObject, now: number): string {
  const sidecars = sidecarNames(pod);
  const initializing = initReason(pod) !== undefined;
  const main: ContainerStatus[] = pod.status?.containerStatuses ?? [];
  const counted = initializing
    ? initStatuses(pod)
    : [...initStatuses(pod).filter((c) => sidecars.has(c.name)), ...main];
  const count = counted.reduce((sum, c) => sum + (c.restartCount ?? 0), 0);
  const ends = counted.flatMap((c) => c.lastState?.terminated?.finishedAt ?? []);
  if (count === 0 || ends.length === 0) return String(count);
  const last = Math.max(...ends.map((end) => Date.parse(end)));
  return `${count} (${age(new Date(last).toISOString(), now)} ago)`;
}

function readinessGates(pod: KubeObject): string {
  const gates: { conditionType: string }[] = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const conditions: { type: string; status: string }[] = pod.status?.conditions ?? [];
  const met = gates.filter((gate) =>
    conditions.some((c) => c.type === gate.conditionType && c.status === 'True'),
  );
  return `${met.length}/${gates.length}`;
}
