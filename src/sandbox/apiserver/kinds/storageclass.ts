import type { KubeObject } from '../../api.ts';
import { fallback, same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { ageColumn, column, created, nameColumn } from '../table/printer.ts';
import {
  duplicate,
  forbiddenValue,
  immutable,
  invalidValue,
  keyProblems,
  oneOf,
  required,
  tooLong,
} from '../validation/rules.ts';
import { READ } from './access.ts';
import type { HookContext, ResourceDefinition } from './definition.ts';

const group = 'storage.k8s.io';
const DEFAULT = 'storageclass.kubernetes.io/is-default-class';

export const storageclasses: ResourceDefinition = {
  group,
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  model: 'V1StorageClass',
  access: { oncall: READ },
  storageVersionHash: 'K+m6uJwbjGY=',
  setDefaults(storageClass) {
    fallback(storageClass, 'reclaimPolicy', 'Delete');
    fallback(storageClass, 'volumeBindingMode', 'Immediate');
  },
  onCreateOf: { persistentvolumeclaims: { admit: setDefaultClass } },
  validate,
  validateUpdate,
  table: {
    columns: [
      nameColumn,
      column('Provisioner', 'V1StorageClass.provisioner'),
      column('ReclaimPolicy', 'V1StorageClass.reclaimPolicy'),
      column('VolumeBindingMode', 'V1StorageClass.volumeBindingMode'),
      column('AllowVolumeExpansion', 'V1StorageClass.allowVolumeExpansion'),
      ageColumn,
    ],
    row: (one, now) => [
      isDefault(one) ? `${one.metadata.name} (default)` : one.metadata.name,
      one.provisioner,
      one.reclaimPolicy,
      one.volumeBindingMode,
      one.allowVolumeExpansion ?? false,
      created(one, now),
    ],
  },
};

const isDefault = ({ metadata }: KubeObject) => metadata.annotations?.[DEFAULT] === 'true';

/** The admission plug-in DefaultStorageClass: of several defaults the newest, then the first by name. */
function setDefaultClass({ spec }: KubeObject, { list }: HookContext): void {
  if (spec.storageClassName !== undefined) return;
  const [chosen] = list(`storageclasses.${group}`)
    .filter(isDefault)
    .map(({ metadata }) => metadata)
    .sort((a, b) => b.creationTimestamp.localeCompare(a.creationTimestamp) || a.name.localeCompare(b.name));
  if (chosen) spec.storageClassName = chosen.name;
}

/** Parameters of a class, and bytes of all of them. */
const MOST_PARAMETERS = 512;
const MOST_PARAMETER_BYTES = 256 * 1024;

interface Topology {
  matchLabelExpressions?: { key?: string; values?: string[] }[];
}

function validateParameters(parameters: Record<string, string> = {}): FieldError[] {
  const entries = Object.entries(parameters);
  const bytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return [
    ...(entries.length > MOST_PARAMETERS ? [tooLong('Provisioner Parameters Length', MOST_PARAMETERS)] : []),
    ...(entries.some(([key]) => key === '')
      ? [invalidValue('parameters', '', 'field can not be empty.')]
      : []),
    ...(bytes > MOST_PARAMETER_BYTES ? [tooLong('parameters', MOST_PARAMETER_BYTES)] : []),
  ];
}

function validateTopologies(topologies: Topology[] = []): FieldError[] {
  return topologies.flatMap(({ matchLabelExpressions = [] }, index) =>
    matchLabelExpressions.flatMap(({ key = '', values = [] }, at) => {
      const field = `allowedTopologies[${index}].matchLabelExpressions[${at}]`;
      return [
        ...(values.length > 0 ? [] : [required(`${field}.values`)]),
        ...values.flatMap((value, place) =>
          values.indexOf(value) < place ? [duplicate(`${field}.values[${place}]`, value)] : [],
        ),
        ...keyProblems(key).map((problem) => invalidValue(`${field}.key`, key, problem)),
      ];
    }),
  );
}

function validate(storageClass: KubeObject): FieldError[] {
  const { provisioner, reclaimPolicy, volumeBindingMode, parameters, allowedTopologies } = storageClass;
  return [
    ...(provisioner ? [] : [required('provisioner')]),
    ...keyProblems(String(provisioner ?? '').toLowerCase())
      .filter(() => Boolean(provisioner))
      .map((problem) => invalidValue('provisioner', provisioner, problem)),
    ...validateParameters(parameters),
    ...oneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
    ...validateTopologies(allowedTopologies),
  ];
}

function validateUpdate(now: KubeObject, old: KubeObject): FieldError[] {
  const fixed = ['parameters', 'provisioner', 'reclaimPolicy'].filter(
    (field) => !same(now[field], old[field]),
  );
  return [
    ...fixed.map((field) => forbiddenValue(field, `updates to ${field} are forbidden.`)),
    ...(now.volumeBindingMode === old.volumeBindingMode
      ? []
      : [immutable('volumeBindingMode', now.volumeBindingMode)]),
  ];
}
