/** Rules of HorizontalPodAutoscalers (pkg/apis/autoscaling/validation). */

import { parseQuantity } from '../../../../quantity.ts';
import type { KubeObject } from '../../../api.ts';
import type { FieldError } from '../../status.ts';
import { pathName } from '../../validation/meta.ts';
import { forbiddenValue, invalidValue, nonNegative, oneOf, required } from '../../validation/rules.ts';
import { validateLabelSelector } from '../../validation/selectors.ts';

export function validateAutoscaler({ spec }: KubeObject): FieldError[] {
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {}, metrics = [], behavior } = spec;
  const errors: FieldError[] = [];
  if (minReplicas < 1)
    errors.push(invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < 1) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  if (maxReplicas < minReplicas) {
    const why = 'must be greater than or equal to `minReplicas`';
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, why));
  }
  return [
    ...errors,
    ...validateReference('spec.scaleTargetRef', scaleTargetRef),
    ...metrics.flatMap((metric: Metric, index: number) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...validateRules('spec.behavior.scaleUp', behavior?.scaleUp),
    ...validateRules('spec.behavior.scaleDown', behavior?.scaleDown),
  ];
}

/** What is scaled, or what a metric is about. */
function validateReference(path: string, { kind, name, apiVersion = '' }: KubeObject['spec']): FieldError[] {
  return [
    ...(kind ? pathName(`${path}.kind`, kind) : [required(`${path}.kind`)]),
    ...(name ? pathName(`${path}.name`, name) : [required(`${path}.name`)]),
    ...validateVersion(`${path}.apiVersion`, kind, apiVersion),
  ];
}

function validateVersion(field: string, kind: string, version: string): FieldError[] {
  if (version.includes('/') || (kind === 'ReplicationController' && version === 'v1')) return [];
  return [invalidValue(field, version, 'apiVersion must specify API group')];
}

interface Metric {
  type: string;
  [source: string]: unknown;
}

interface Source {
  name?: string;
  container?: string;
  metric?: { name?: string; selector?: object };
  describedObject?: KubeObject['spec'];
  target?: Record<string, unknown>;
}

/** Type of a metric → the field with its source. */
const sources: Record<string, string> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function validateMetric(metric: Metric, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!metric.type) errors.push(required(`${path}.type`, 'must specify a metric source type'));
  errors.push(...oneOf(`${path}.type`, metric.type, Object.keys(sources)));
  const wanted = sources[metric.type];
  for (const field of Object.values(sources)) {
    if (metric[field] !== undefined && field !== wanted)
      errors.push(forbiddenValue(`${path}.${field}`, 'must populate the given metric source only'));
  }
  if (wanted && metric[wanted] === undefined)
    errors.push(required(`${path}.${wanted}`, 'must populate information for the given metric source'));
  else if (wanted) errors.push(...validateSource(wanted, metric[wanted] as Source, `${path}.${wanted}`));
  return errors;
}

/** What the target of each kind of source must say. */
const needed: Record<string, string> = {
  object: 'must set either a target value or averageValue',
  external: 'must set either a target value for metric or a per-pod target',
  pods: 'must specify a positive target averageValue',
  resource: 'must set either a target raw value or a target utilization',
  containerResource: 'must set either a target raw value or a target utilization',
};

function validateSource(kind: string, source: Source, path: string): FieldError[] {
  const { name, container, metric, describedObject, target = {} } = source;
  const { averageUtilization, averageValue, value } = target;
  const at = `${path}.target`;
  const isResource = kind === 'resource' || kind === 'containerResource';
  const errors: FieldError[] = [];
  if (kind === 'object') errors.push(...validateReference(`${path}.describedObject`, describedObject ?? {}));
  if (isResource && !name) errors.push(required(`${path}.name`, 'must specify a resource name'));
  if (kind === 'containerResource' && !container) {
    errors.push(required(`${path}.container`, 'must specify a container'));
  }
  if (!isResource) errors.push(...validateMetricName(`${path}.metric`, metric));
  errors.push(...validateTarget(target, at));
  const amounts = isResource
    ? [averageUtilization, averageValue]
    : kind === 'pods'
      ? [averageValue]
      : [value, averageValue];
  if (amounts.every((amount) => amount === undefined)) {
    errors.push(required(`${at}.${isResource ? 'averageUtilization' : 'averageValue'}`, needed[kind]));
  }
  if (isResource && averageUtilization !== undefined && averageValue !== undefined) {
    const why = 'may not set both a target raw value and a target utilization';
    errors.push(forbiddenValue(`${at}.averageValue`, why));
  }
  if (kind === 'external' && value !== undefined && averageValue !== undefined) {
    const why = 'may not set both a target value for metric and a per-pod target';
    errors.push(forbiddenValue(`${at}.value`, why));
  }
  return errors;
}

function validateMetricName(
  path: string,
  { name, selector }: NonNullable<Source['metric']> = {},
): FieldError[] {
  return [
    ...(name ? pathName(`${path}.name`, name) : [required(`${path}.name`, 'must specify a metric name')]),
    ...validateLabelSelector(`${path}.selector`, selector),
  ];
}

function validateTarget(target: Record<string, unknown>, path: string): FieldError[] {
  const { type, averageUtilization, averageValue, value } = target;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${path}.type`, 'must specify a metric target type'));
  if (!['AverageValue', 'Utilization', 'Value'].includes(String(type))) {
    const why = 'must be either Utilization, Value, or AverageValue';
    errors.push(invalidValue(`${path}.type`, type ?? '', why));
  }
  const positive = (field: string, amount: unknown) => {
    if (amount === undefined || isPositive(amount)) return;
    errors.push(invalidValue(`${path}.${field}`, amount, 'must be positive'));
  };
  positive('value', value);
  if (typeof averageUtilization === 'number' && averageUtilization < 1)
    errors.push(invalidValue(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  positive('averageValue', averageValue);
  return errors;
}

const isPositive = (value: unknown) => (parseQuantity(value)?.nanos ?? 0n) > 0n;

interface Rules {
  stabilizationWindowSeconds?: number;
  selectPolicy?: string;
  policies?: { type: string; value: number; periodSeconds: number }[];
}

const LONGEST_STABILIZATION_SECONDS = 3600;

const LONGEST_PERIOD_SECONDS = 1800;

function validateRules(path: string, rules: Rules | undefined): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies = [] } = rules;
  const errors = nonNegative(`${path}.stabilizationWindowSeconds`, seconds);
  if (seconds !== undefined && seconds > LONGEST_STABILIZATION_SECONDS) {
    const why = `must be less than or equal to ${LONGEST_STABILIZATION_SECONDS}`;
    errors.push(invalidValue(`${path}.stabilizationWindowSeconds`, seconds, why));
  }
  if (selectPolicy !== undefined)
    errors.push(...oneOf(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']));
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  for (const [index, policy] of policies.entries()) {
    const at = `${path}.policies[${index}]`;
    errors.push(...oneOf(`${at}.type`, policy.type, ['Pods', 'Percent']));
    for (const field of ['value', 'periodSeconds'] as const) {
      if (policy[field] <= 0)
        errors.push(invalidValue(`${at}.${field}`, policy[field], 'must be greater than zero'));
    }
    if (policy.periodSeconds > LONGEST_PERIOD_SECONDS) {
      const why = `must be less than or equal to ${LONGEST_PERIOD_SECONDS}`;
      errors.push(invalidValue(`${at}.periodSeconds`, policy.periodSeconds, why));
    }
  }
  return errors;
}
