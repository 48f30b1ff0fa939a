/** The columns of Nodes, Namespaces and Events. */
import type { KubeObject } from '../../api.ts';
import { age } from './duration.ts';
import { ageColumn, column, nameColumn, type Printer, wide } from './printer.ts';

export const nodes: Printer = {
  columns: [
    nameColumn,
    column('Status', 'The status of the node'),
    column('Roles', 'The roles of the node'),
    ageColumn,
    column('Version', 'V1NodeSystemInfo.kubeletVersion'),
    column('Internal-IP', 'V1NodeStatus.addresses', wide),
    column('External-IP', 'V1NodeStatus.addresses', wide),
    column('OS-Image', 'V1NodeSystemInfo.osImage', wide),
    column('Kernel-Version', 'V1NodeSystemInfo.kernelVersion', wide),
    column('Container-Runtime', 'V1NodeSystemInfo.containerRuntimeVersion', wide),
  ],
  row: (node, now) => [
    node.metadata.name,
    nodeStatus(node),
    roles(node.metadata.labels),
    age(node.metadata.creationTimestamp, now),
    node.status?.nodeInfo?.kubeletVersion ?? '',
    address(node, 'InternalIP'),
    address(node, 'ExternalIP'),
    node.status?.nodeInfo?.osImage || '<unknown>',
    node.status?.nodeInfo?.kernelVersion || '<unknown>',
    node.status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
  ],
};

function nodeStatus(node: KubeObject): string {
  const conditions: { type: string; status: string }[] = node.status?.conditions ?? [];
  const ready = conditions.find((condition) => condition.type === 'Ready');
  const state = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable ? `${state},SchedulingDisabled` : state;
}

function roles(labels: Record<string, string> = {}): string {
  const prefix = 'node-role.kubernetes.io/';
  const found = Object.keys(labels)
    .filter((label) => label.startsWith(prefix))
    .map((label) => label.slice(prefix.length));
  return found.sort().join(',') || '<none>';
}

function address(node: KubeObject, type: string): string {
  const addresses: { type: string; address: string }[] = node.status?.addresses ?? [];
  return addresses.find((entry) => entry.type === type)?.address ?? '<none>';
}

export const namespaces: Printer = {
  columns: [nameColumn, column('Status', 'The status of the namespace'), ageColumn],
  row: ({ metadata, status }, now) => [
    metadata.name,
    status?.phase ?? '',
    age(metadata.creationTimestamp, now),
  ],
};

export const events: Printer = {
  columns: [
    column('Last Seen', 'CoreV1Event.lastTimestamp'),
    column('Type', 'CoreV1Event.type'),
    column('Reason', 'CoreV1Event.reason'),
    column('Object', 'The object that this event is about.'),
    column('Subobject', 'V1ObjectReference.fieldPath', wide),
    column(
      'Source',
      'The component reporting this event. Should be a short machine understandable string.',
      wide,
    ),
    column('Message', 'V1Status.message'),
    column('First Seen', 'CoreV1Event.firstTimestamp', wide),
    column('Count', 'CoreV1Event.count', wide),
    { ...nameColumn, priority: 1 },
  ],
  row(event, now) {
    const first = event.firstTimestamp ?? event.eventTime;
    const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
    const object = event.involvedObject ?? {};
    const component = event.source?.component || event.reportingComponent || '';
    const host = event.source?.host || event.reportingInstance || '';
    return [
      age(last, now),
      event.type ?? '',
      event.reason ?? '',
      object.name
        ? `${String(object.kind ?? '').toLowerCase()}/${object.name}`
        : String(object.kind).toLowerCase(),
      object.fieldPath ?? '',
      host ? `${component}, ${host}` : component,
      String(event.message ?? '').trim(),
      age(first, now),
      event.series?.count ?? event.count ?? 1,
      event.metadata.name,
    ];
  },
};
