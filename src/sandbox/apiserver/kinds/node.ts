import type { V1Taint } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../kubernetes.ts';
import type { KubeObject } from '../../api.ts';
import { same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn, wide } from '../table/printer.ts';
import {
  duplicate,
  forbiddenValue,
  invalidValue,
  labelValueProblems,
  oneOf,
  qualifiedName,
  required,
} from '../validation/rules.ts';
import { readable, status } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

export const nodes: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  model: 'V1Node',
  zeros: { written: { V1NodeCondition: { lastHeartbeatTime: null, lastTransitionTime: null } } },
  quantities: ['V1NodeStatus.capacity', 'V1NodeStatus.allocatable'],
  lists: {
    'V1NodeSpec.podCIDRs': { merge: '' },
    'V1NodeStatus.conditions': { merge: 'type', keys: ['type'] },
    'V1NodeStatus.addresses': { merge: 'type' },
  },
  access: { ...readable, oncall: ['patch', 'update'] },
  storageVersionHash: 'XwShjMxG9Fs=',
  hasStatus: true,
  subresources: [status('Node')],
  setDefaults(node) {
    node.spec ??= {};
    node.status ??= {};
    if (node.status.allocatable === undefined && node.status.capacity) {
      node.status.allocatable = { ...node.status.capacity };
    }
  },
  prepareUpdate(node, old) {
    node.status = old.status;
  },
  validate: ({ spec }) => validateTaints(spec.taints),
  validateUpdate: validateNodeUpdate,
  fields: (node) => ({ 'spec.unschedulable': String(node.spec?.unschedulable ?? false) }),
  fieldNames: ['spec.unschedulable'],
  table: {
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
  },
};

type Taint = Unvalidated<V1Taint>;

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** The real server says of them that they stand in the metadata. */
function validateTaints(taints: Taint[] = []): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap(({ key = '', value = '', effect = '' }, index) => {
    const at = `metadata.taints[${index}]`;
    const problems = labelValueProblems(value);
    const isAgain = seen.has(`${effect}/${key}`);
    seen.add(`${effect}/${key}`);
    const again = duplicate(at, { Key: key, Value: value, Effect: effect, TimeAdded: null });
    again.message += ': taints must be unique by key and effect pair';
    return [
      ...qualifiedName(`${at}.key`, key),
      ...(problems.length > 0 ? [invalidValue(`${at}.value`, value, problems.join(';'))] : []),
      ...(effect ? oneOf(`${at}.effect`, effect, effects) : [required(`${at}.effect`)]),
      ...(isAgain ? [again] : []),
    ];
  });
}

/** What a node was given once it keeps. */
function validateNodeUpdate({ spec }: KubeObject, { spec: old }: KubeObject): FieldError[] {
  const changed = (field: string) => old[field]?.length && !same(spec[field], old[field]);
  const only = (what: string) => `node updates may not change ${what} except from "" to valid`;
  return [
    ...(changed('podCIDRs') ? [forbiddenValue('spec.podCIDRs', only('podCIDR'))] : []),
    ...(changed('providerID') ? [forbiddenValue('spec.providerID', only('providerID'))] : []),
  ];
}

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
