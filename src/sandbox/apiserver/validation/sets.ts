/** Rules of StatefulSets and DaemonSets (pkg/apis/apps/validation). */
import type { KubeObject } from '../../api.ts';
import { same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { forbiddenValue, invalidValue, nonNegative, oneOf, required } from './rules.ts';
import { countOrPercent, isZero, validateSelected } from './workloads.ts';

export function validateStatefulSet({ spec }: KubeObject): FieldError[] {
  const { podManagementPolicy: policy, updateStrategy: strategy } = spec;
  const errors: FieldError[] = [];
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  if (strategy.type === 'OnDelete' && strategy.rollingUpdate) {
    const why = "only allowed for updateStrategy 'RollingUpdate'";
    errors.push(invalidValue('spec.updateStrategy.rollingUpdate', strategy.rollingUpdate, why));
  } else if (strategy.type !== 'OnDelete' && strategy.type !== 'RollingUpdate') {
    errors.push(invalidValue('spec.updateStrategy', strategy, "must be 'RollingUpdate' or 'OnDelete'"));
  }
  return [
    ...errors,
    ...nonNegative('spec.updateStrategy.rollingUpdate.partition', strategy.rollingUpdate?.partition),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...validateSelected(spec, 'statefulset'),
  ];
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export function validateStatefulSetUpdate(set: KubeObject, old: KubeObject): FieldError[] {
  const fixed = ({ spec }: KubeObject) =>
    Object.fromEntries(Object.entries(spec).filter(([field]) => !changeable.includes(field)));
  if (same(fixed(set), fixed(old))) return [];
  const names = changeable.map((field) => `'${field}'`);
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return [forbiddenValue('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)];
}

export function validateDaemonSet({ spec }: KubeObject): FieldError[] {
  return [
    ...validateSelected(spec, 'daemonset'),
    ...validateDaemonStrategy(spec.updateStrategy),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

function validateDaemonStrategy({ type, rollingUpdate }: KubeObject['spec']): FieldError[] {
  const path = 'spec.updateStrategy';
  if (type !== 'RollingUpdate') return oneOf(`${path}.type`, type, ['RollingUpdate', 'OnDelete']);
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [
    ...countOrPercent(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable),
    ...countOrPercent(`${path}.rollingUpdate.maxSurge`, maxSurge),
  ];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(required(`${path}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  } else if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
    const why = 'may not be set when maxUnavailable is non-zero';
    errors.push(invalidValue(`${path}.rollingUpdate.maxSurge`, maxSurge, why));
  }
  return errors;
}
