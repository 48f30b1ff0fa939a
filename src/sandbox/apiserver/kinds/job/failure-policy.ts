/** Rules of what a failure of a Pod means for its Job (pkg/apis/batch/validation: validatePodFailurePolicy). */
import type { V1PodFailurePolicyRule } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../kubernetes.ts';
import type { KubeObject } from '../../../api.ts';
import type { FieldError } from '../../status.ts';
import {
  duplicate,
  invalidValue,
  oneOf,
  qualifiedName,
  required,
  tooMany,
  wrong,
} from '../../validation/rules.ts';

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];

/** Rules of a policy, and conditions of a rule. */
const MOST_RULES = 20;
const MOST_EXIT_CODES = 255;

/** One of these words; the message about a missing one has them as Go writes a list. */
function word(field: string, value: string | undefined, words: string[]): FieldError[] {
  if (value) return oneOf(field, value, words);
  return [required(field, `valid values: [${words.map((one) => JSON.stringify(one)).join(' ')}]`)];
}

type Rule = Unvalidated<V1PodFailurePolicyRule>;

export function validateFailurePolicy(spec: KubeObject['spec'], path: string): FieldError[] {
  const rules: Rule[] = spec.podFailurePolicy.rules ?? [];
  const { containers = [], initContainers = [] } = spec.template.spec;
  const names: string[] = [...containers, ...initContainers].map(({ name }) => name);
  return [
    ...(rules.length > MOST_RULES ? [tooMany(`${path}.rules`, rules.length, MOST_RULES)] : []),
    ...rules.flatMap((rule, index) => validateRule(spec, rule, `${path}.rules[${index}]`, names)),
  ];
}

function validateRule(spec: KubeObject['spec'], rule: Rule, path: string, names: string[]): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const isIndexes = action === 'FailIndex' && spec.backoffLimitPerIndex === undefined;
  const needs = 'requires the backoffLimitPerIndex to be set';
  const hasConditions = onPodConditions.length > 0;
  return [
    ...word(`${path}.action`, action, actions),
    ...(isIndexes ? [invalidValue(`${path}.action`, action, needs)] : []),
    ...(onExitCodes ? validateExitCodes(onExitCodes, `${path}.onExitCodes`, names) : []),
    ...validateConditions(onPodConditions, `${path}.onPodConditions`),
    ...(onExitCodes && hasConditions
      ? [wrong(path, 'specifying both OnExitCodes and OnPodConditions is not supported')]
      : []),
    ...(!onExitCodes && !hasConditions
      ? [wrong(path, 'specifying one of OnExitCodes and OnPodConditions is required')]
      : []),
  ];
}

function validateConditions(list: NonNullable<Rule['onPodConditions']>, path: string): FieldError[] {
  return [
    ...(list.length > MOST_RULES ? [tooMany(path, list.length, MOST_RULES)] : []),
    ...list.flatMap(({ type = '', status }, index) => [
      ...qualifiedName(`${path}[${index}].type`, type),
      ...word(`${path}[${index}].status`, status, statuses),
    ]),
  ];
}

function validateExitCodes(
  { containerName, operator, values = [] }: NonNullable<Rule['onExitCodes']>,
  path: string,
  names: string[],
): FieldError[] {
  const field = `${path}.values`;
  const errors = word(`${path}.operator`, operator, operators);
  if (containerName !== undefined && !names.includes(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalidValue(`${path}.containerName`, containerName, why));
  }
  if (values.length === 0) errors.push(invalidValue(field, values, 'at least one value is required'));
  if (values.length > MOST_EXIT_CODES) errors.push(tooMany(field, values.length, MOST_EXIT_CODES));
  for (const [index, value] of values.entries()) {
    const at = `${field}[${index}]`;
    if (operator === 'In' && value === 0) {
      errors.push(invalidValue(at, value, 'must not be 0 for the In operator'));
    }
    if (values.indexOf(value) < index) errors.push(duplicate(at, value));
  }
  const isOrdered = values.every((value, index) => index === 0 || values[index - 1]! <= value);
  return isOrdered ? errors : [...errors, invalidValue(field, values, 'must be ordered')];
}
