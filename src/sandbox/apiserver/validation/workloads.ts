/** Rules of Deployments and ReplicaSets, and what all workloads share. */
import type { KubeObject } from '../../api.ts';
import { fieldOf, isRecord, same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { validateLabels } from './meta.ts';
import { type PodSpec, validatePodSpec } from './pod-spec.ts';
import { immutable, invalidValue, nonNegative, oneOf, required } from './rules.ts';

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export function validateDeployment(deployment: KubeObject): FieldError[] {
  const { spec } = deployment;
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelected(spec, 'deployment'),
    ...validateStrategy(spec.strategy ?? {}),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds),
    ...deadline(spec),
  ];
}

function deadline({
  progressDeadlineSeconds: seconds,
  minReadySeconds = 0,
}: KubeObject['spec']): FieldError[] {
  if (seconds === undefined || seconds > minReadySeconds) return [];
  return [invalidValue('spec.progressDeadlineSeconds', seconds, 'must be greater than minReadySeconds')];
}

export function validateReplicaSet(set: KubeObject): FieldError[] {
  return [
    ...nonNegative('spec.replicas', set.spec.replicas),
    ...nonNegative('spec.minReadySeconds', set.spec.minReadySeconds),
    ...validateSelected(set.spec, 'replicaset'),
  ];
}

/** The selector and the template, which must fit together. */
export function validateSelected(spec: KubeObject['spec'], kind: string): FieldError[] {
  const errors: FieldError[] = [];
  const selector: Selector | undefined = spec.selector;
  const isEmpty =
    selector && !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length;
  if (!selector) errors.push(required('spec.selector'));
  else if (isEmpty) errors.push(invalidValue('spec.selector', {}, `empty selector is invalid for ${kind}`));
  const labels: Record<string, string> | undefined = spec.template.metadata?.labels;
  if (!isEmpty && !(selector && selects(selector, labels ?? {}))) {
    const why = '`selector` does not match template `labels`';
    errors.push(invalidValue('spec.template.metadata.labels', labels ?? null, why));
  }
  const template: PodSpec = spec.template.spec;
  errors.push(...validateTemplate(spec.template, 'spec.template'));
  if (
    template.restartPolicy !== 'Always' &&
    ['OnFailure', 'Never'].includes(String(template.restartPolicy))
  ) {
    errors.push(...oneOf('spec.template.spec.restartPolicy', template.restartPolicy, ['Always']));
  }
  return errors;
}

/** `path` is where the template stands: `spec.template`. */
export function validateTemplate(template: KubeObject['spec'], path: string): FieldError[] {
  return [
    ...validateLabels(`${path}.labels`, template.metadata?.labels),
    ...validatePodSpec(template.spec, `${path}.spec`),
  ];
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Record<string, string>,
): boolean {
  const byLabels = Object.entries(matchLabels).every(([key, value]) => fieldOf(labels, key) === value);
  return (
    byLabels &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = String(fieldOf(labels, key) ?? '');
      if (operator === 'In') return values.includes(value);
      if (operator === 'NotIn') return !values.includes(value);
      return Object.hasOwn(labels, key) === (operator === 'Exists');
    })
  );
}

function validateStrategy({ type, rollingUpdate }: KubeObject['spec']): FieldError[] {
  const errors = oneOf('spec.strategy.type', type, ['Recreate', 'RollingUpdate']);
  if (type === 'Recreate' && rollingUpdate) {
    return [
      {
        type: 'Forbidden',
        field: 'spec.strategy.rollingUpdate',
        message: "Forbidden: may not be specified when strategy `type` is 'Recreate'",
      },
    ];
  }
  if (type !== 'RollingUpdate' || !isRecord(rollingUpdate)) return errors;
  for (const field of ['maxUnavailable', 'maxSurge']) {
    errors.push(...countOrPercent(`spec.strategy.rollingUpdate.${field}`, rollingUpdate[field]));
  }
  if (isZero(rollingUpdate.maxUnavailable) && isZero(rollingUpdate.maxSurge)) {
    const path = 'spec.strategy.rollingUpdate.maxUnavailable';
    errors.push(invalidValue(path, rollingUpdate.maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return errors;
}

export const isZero = (value: unknown) => value === 0 || value === '0%';

/** A number of Pods, or a percentage of them. */
export function countOrPercent(path: string, value: unknown): FieldError[] {
  if (typeof value === 'number') return nonNegative(path, value);
  if (typeof value !== 'string' || /^\d+%$/.test(value)) return [];
  const why =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalidValue(path, value, why)];
}

export function validateSelectorUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  return same(object.spec.selector, old.spec.selector)
    ? []
    : [immutable('spec.selector', object.spec.selector)];
}
