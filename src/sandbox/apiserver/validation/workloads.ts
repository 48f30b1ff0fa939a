/** Rules of Deployments, ReplicaSets and Jobs. */
import type { KubeObject } from '../../api.ts';
import { isRecord, same } from '../json.ts';
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
function validateSelected(spec: KubeObject['spec'], kind: string): FieldError[] {
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
  errors.push(...validateTemplate(spec.template));
  if (
    template.restartPolicy !== 'Always' &&
    ['OnFailure', 'Never'].includes(String(template.restartPolicy))
  ) {
    errors.push(...oneOf('spec.template.spec.restartPolicy', template.restartPolicy, ['Always']));
  }
  return errors;
}

function validateTemplate(template: KubeObject['spec']): FieldError[] {
  return [
    ...validateLabels('spec.template.labels', template.metadata?.labels),
    ...validatePodSpec(template.spec, 'spec.template.spec'),
  ];
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Record<string, string>,
): boolean {
  const byLabels = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return (
    byLabels &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator === 'In') return values.includes(labels[key] ?? '');
      if (operator === 'NotIn') return !values.includes(labels[key] ?? '');
      return operator === 'Exists' ? key in labels : !(key in labels);
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
    const value = rollingUpdate[field];
    const path = `spec.strategy.rollingUpdate.${field}`;
    if (typeof value === 'string' && !/^\d+%$/.test(value)) {
      errors.push(
        invalidValue(
          path,
          value,
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        ),
      );
    } else if (typeof value === 'number' && value < 0) {
      errors.push(invalidValue(path, value, 'must be greater than or equal to 0'));
    }
  }
  const isZero = (value: unknown) => value === 0 || value === '0%';
  if (isZero(rollingUpdate.maxUnavailable) && isZero(rollingUpdate.maxSurge)) {
    const path = 'spec.strategy.rollingUpdate.maxUnavailable';
    errors.push(invalidValue(path, rollingUpdate.maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return errors;
}

export function validateSelectorUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  return same(object.spec.selector, old.spec.selector)
    ? []
    : [immutable('spec.selector', object.spec.selector)];
}

export function validateJob(job: KubeObject): FieldError[] {
  const { spec } = job;
  const errors = [
    ...nonNegative('spec.parallelism', spec.parallelism),
    ...nonNegative('spec.completions', spec.completions),
    ...nonNegative('spec.activeDeadlineSeconds', spec.activeDeadlineSeconds),
    ...nonNegative('spec.backoffLimit', spec.backoffLimit),
    ...nonNegative('spec.ttlSecondsAfterFinished', spec.ttlSecondsAfterFinished),
    ...oneOf('spec.completionMode', spec.completionMode, ['NonIndexed', 'Indexed']),
    ...validateTemplate(spec.template),
  ];
  const policy = spec.template.spec.restartPolicy;
  const path = 'spec.template.spec.restartPolicy';
  // Always is what the defaults write when nothing is given, so both look alike here, as on the real server.
  if (policy === 'Always') errors.push(required(path, 'valid values: "OnFailure", "Never"'));
  return errors;
}

/** Of a running Job parallelism, suspend, deadlines and back-off may change; what its Pods are may not. */
export function validateJobUpdate(job: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['completions', 'selector', 'template', 'completionMode', 'podFailurePolicy']) {
    const isElastic = field === 'completions' && job.spec.completionMode === 'Indexed';
    const isHeld = field === 'template' && old.spec.suspend && !old.status?.startTime;
    if (!isElastic && !isHeld && !same(job.spec[field], old.spec[field])) {
      errors.push(immutable(`spec.${field}`, job.spec[field] ?? null));
    }
  }
  return errors;
}
