/** Rules of HorizontalPodAutoscalers (pkg/apis/autoscaling/validation). */

import { parseQuantity } from '../../../quantity.ts';
import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { forbiddenValue, invalidValue, nonNegative, oneOf, required } from './rules.ts';

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
    ...validateTarget(scaleTargetRef),
    ...metrics.flatMap((metric: Metric, index: number) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...validateRules('spec.behavior.scaleUp', behavior?.scaleUp),
    ...validateRules('spec.behavior.scaleDown', behavior?.scaleDown),
  ];
}

function validateTarget({ kind, name, apiVersion = '' }: KubeObject['spec']): FieldError[] {
  const path = 'spec.scaleTargetRef';
  const errors: FieldError[] = [];
  if (!kind) errors.push(required(`${path}.kind`));
  if (!name) errors.push(required(`${path}.name`));
  const isCore = kind === 'ReplicationController' && apiVersion === 'v1';
  if (!isCore && !apiVersion.includes('/'))
    errors.push(invalidValue(`${path}.apiVersion`, apiVersion, 'apiVersion must specify API group'));
  return errors;
}

interface Metric {
  type: string;
  [source: string]: unknown;
}

interface Source {
  name?: string;
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
  else if (wanted === 'resource' || wanted === 'containerResource')
    errors.push(...validateResource(metric[wanted] as Source, `${path}.${wanted}`));
  return errors;
}

function validateResource({ name, target = {} }: Source, path: string): FieldError[] {
  const { type, averageUtilization, averageValue, value } = target;
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`, 'must specify a resource name'));
  errors.push(...oneOf(`${path}.target.type`, type, ['AverageValue', 'Utilization', 'Value']));
  if (value !== undefined && !isPositive(value))
    errors.push(invalidValue(`${path}.target.value`, value, 'must be positive'));
  if (averageUtilization === undefined && averageValue === undefined) {
    const why = 'must set either a target raw value or a target utilization';
    errors.push(required(`${path}.target.averageUtilization`, why));
  }
  if (typeof averageUtilization === 'number' && averageUtilization < 1)
    errors.push(
      invalidValue(`${path}.target.averageUtilization`, averageUtilization, 'must be greater than 0'),
    );
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const why = 'may not set both a target raw value and a target utilization';
    errors.push(forbiddenValue(`${path}.target.averageValue`, why));
  }
  if (averageValue !== undefined && !isPositive(averageValue))
    errors.push(invalidValue(`${path}.target.averageValue`, averageValue, 'must be positive'));
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
