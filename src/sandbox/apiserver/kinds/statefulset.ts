import type { KubeObject } from '../../api.ts';
import { fallback, same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn, templateCells, templateColumns } from '../table/printer.ts';
import { dnsLabel, forbiddenValue, invalidValue, nonNegative, oneOf } from '../validation/rules.ts';
import { editable, scale, status } from './access.ts';
import type { ResourceDefinition } from './definition.ts';
import { validateClaimSpec } from './persistentvolumeclaim/validation.ts';
import { countOrPercent, isZero, setTemplateDefaults, share, validateSelected } from './template.ts';

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export const statefulsets: ResourceDefinition = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  model: 'V1StatefulSet',
  zeros: {
    omitted: [
      'V1StatefulSetSpec.minReadySeconds',
      'V1StatefulSetStatus.currentReplicas',
      'V1StatefulSetStatus.readyReplicas',
      'V1StatefulSetStatus.updatedReplicas',
    ],
    written: { V1StatefulSetCondition: { lastTransitionTime: null } },
  },
  quantities: ['V1VolumeResourceRequirements.limits', 'V1VolumeResourceRequirements.requests'],
  lists: {
    'V1StatefulSetStatus.conditions': { merge: 'type' },
  },
  access: editable,
  storageVersionHash: 'H+vl74LkKdo=',
  hasStatus: true,
  counted: true,
  subresources: [scale, status('StatefulSet')],
  setDefaults(set) {
    setTemplateDefaults(set);
    const spec = set.spec;
    fallback(spec, 'podManagementPolicy', 'OrderedReady');
    fallback(spec, 'updateStrategy', {});
    fallback(spec.updateStrategy, 'type', 'RollingUpdate');
    if (spec.updateStrategy.type === 'RollingUpdate') {
      fallback(spec.updateStrategy, 'rollingUpdate', {});
      fallback(spec.updateStrategy.rollingUpdate, 'partition', 0);
    }
    fallback(spec, 'persistentVolumeClaimRetentionPolicy', {});
    fallback(spec.persistentVolumeClaimRetentionPolicy, 'whenDeleted', 'Retain');
    fallback(spec.persistentVolumeClaimRetentionPolicy, 'whenScaled', 'Retain');
    fallback(spec, 'replicas', 1);
    fallback(spec, 'revisionHistoryLimit', 10);
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.kind = 'PersistentVolumeClaim';
      claim.apiVersion = 'v1';
      fallback(claim, 'spec', {});
      fallback(claim.spec, 'volumeMode', 'Filesystem');
      claim.status = { phase: 'Pending' };
    }
  },
  prepareCreate(set) {
    set.status = { replicas: 0, availableReplicas: 0 };
  },
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  table: {
    columns: [
      nameColumn,
      column('Ready', 'Number of the pod with ready state'),
      ageColumn,
      ...templateColumns('').slice(0, 2),
    ],
    row: ({ metadata, spec, status }, now) => [
      metadata.name,
      `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      age(metadata.creationTimestamp, now),
      ...templateCells(spec).slice(0, 2),
    ],
  },
};

function validateStatefulSet({ spec }: KubeObject): FieldError[] {
  const { podManagementPolicy: policy, persistentVolumeClaimRetentionPolicy: retention } = spec;
  const errors: FieldError[] = [];
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  return [
    ...errors,
    ...validateStrategy(spec.updateStrategy),
    ...['whenDeleted', 'whenScaled'].flatMap((when) =>
      oneOf(`spec.persistentVolumeClaimRetentionPolicy.${when}`, retention[when], ['Retain', 'Delete']),
    ),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...(spec.serviceName ? dnsLabel('spec.serviceName', spec.serviceName) : []),
    ...((spec.volumeClaimTemplates ?? []) as KubeObject[]).flatMap((claim, index) =>
      validateClaimSpec(claim.spec, `spec.volumeClaimTemplates[${index}].spec`),
    ),
    ...validateSelected(withClaims(spec), 'StatefulSet'),
  ];
}

/** Each Pod gets a volume for each claim, beside or instead of one of the same name. */
function withClaims(spec: KubeObject['spec']): KubeObject['spec'] {
  const own: KubeObject['spec'][] = spec.template?.spec?.volumes ?? [];
  const claimed = ((spec.volumeClaimTemplates ?? []) as KubeObject[])
    .map(({ metadata: { name } = {} as KubeObject['metadata'] }) => name)
    .filter((name) => name && !own.some((volume) => volume.name === name))
    .map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  if (claimed.length === 0) return spec;
  const { template } = spec;
  return { ...spec, template: { ...template, spec: { ...template.spec, volumes: [...own, ...claimed] } } };
}

/** The messages show what is wrong under the names that Go has for its fields. */
function validateStrategy({ type, rollingUpdate }: KubeObject['spec']): FieldError[] {
  const path = 'spec.updateStrategy';
  const { partition = 0, maxUnavailable } = rollingUpdate ?? {};
  if (type === 'OnDelete') {
    const value = { Partition: partition, MaxUnavailable: maxUnavailable ?? null };
    const why = "only allowed for updateStrategy 'RollingUpdate'";
    return rollingUpdate ? [invalidValue(`${path}.rollingUpdate`, value, why)] : [];
  }
  if (type !== 'RollingUpdate') {
    const value = { Type: type, RollingUpdate: null };
    return [invalidValue(path, value, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  const field = `${path}.rollingUpdate.maxUnavailable`;
  return [
    ...nonNegative(`${path}.rollingUpdate.partition`, partition),
    ...countOrPercent(field, maxUnavailable),
    ...(isZero(maxUnavailable) ? [invalidValue(field, maxUnavailable, 'cannot be 0')] : []),
    ...share(field, maxUnavailable),
  ];
}

function validateStatefulSetUpdate(set: KubeObject, old: KubeObject): FieldError[] {
  const fixed = ({ spec }: KubeObject) =>
    Object.fromEntries(Object.entries(spec).filter(([field]) => !changeable.includes(field)));
  if (same(fixed(set), fixed(old))) return [];
  const names = changeable.map((field) => `'${field}'`);
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return [forbiddenValue('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)];
}
