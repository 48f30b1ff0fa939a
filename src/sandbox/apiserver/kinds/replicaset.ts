import type { KubeObject } from '../../api.ts';
import { fallback } from '../json.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn, templateCells, templateColumns } from '../table/printer.ts';
import { nonNegative } from '../validation/rules.ts';
import { editable, scale, status } from './access.ts';
import type { ResourceDefinition } from './definition.ts';
import { setTemplateDefaults, validateSelected, validateSelectorUpdate } from './template.ts';

export const replicasets: ResourceDefinition = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  model: 'V1ReplicaSet',
  zeros: {
    omitted: [
      'V1ReplicaSetSpec.minReadySeconds',
      'V1ReplicaSetStatus.availableReplicas',
      'V1ReplicaSetStatus.fullyLabeledReplicas',
      'V1ReplicaSetStatus.readyReplicas',
    ],
    written: { V1ReplicaSetCondition: { lastTransitionTime: null } },
  },
  lists: {
    'V1ReplicaSetStatus.conditions': { merge: 'type', keys: ['type'] },
  },
  access: editable,
  storageVersionHash: 'P1RzHs8/mWQ=',
  hasStatus: true,
  counted: true,
  subresources: [scale, status('ReplicaSet')],
  setDefaults(set) {
    setTemplateDefaults(set);
    fallback(set.spec, 'replicas', 1);
  },
  validate: validateReplicaSet,
  validateUpdate: validateSelectorUpdate,
  prepareCreate(set) {
    set.status = { replicas: 0 };
  },
  table: {
    columns: [
      nameColumn,
      column('Desired', 'V1ReplicaSetSpec.replicas', { type: 'integer' }),
      column('Current', 'V1ReplicaSetStatus.replicas', { type: 'integer' }),
      column('Ready', 'V1ReplicaSetStatus.readyReplicas', { type: 'integer' }),
      ageColumn,
      ...templateColumns(
        "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
      ),
    ],
    row: ({ metadata, spec, status }, now) => [
      metadata.name,
      spec.replicas ?? 0,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      age(metadata.creationTimestamp, now),
      ...templateCells(spec),
    ],
  },
};

function validateReplicaSet(set: KubeObject): FieldError[] {
  return [
    ...nonNegative('spec.replicas', set.spec.replicas),
    ...nonNegative('spec.minReadySeconds', set.spec.minReadySeconds),
    ...validateSelected(set.spec, 'ReplicaSet'),
  ];
}
