/** Rules of Indexed Jobs, and of what the others may not have (pkg/apis/batch/validation). */
import type { V1SuccessPolicyRule } from '@kubernetes/client-node';
import type { KubeObject } from '../../../api.ts';
import type { FieldError } from '../../status.ts';
import { invalidValue, nonNegative, required, tooMany } from '../../validation/rules.ts';

const MOST_PARALLEL = 100_000;
const MOST_FAILED = 100_000;

/** From so many completions on, less is allowed with a back-off for each index. */
const MANY = 100_000;
const MOST_PARALLEL_OF_MANY = 10_000;
const MOST_FAILED_OF_MANY = 10_000;

const MOST_SUCCESS_RULES = 20;

export function validateIndexes(spec: KubeObject['spec'], path: string): FieldError[] {
  const { completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes } = spec;
  const mode = spec.completionMode ?? 'NonIndexed';
  if (mode === 'NonIndexed') {
    return ['backoffLimitPerIndex', 'maxFailedIndexes']
      .filter((field) => spec[field] !== undefined)
      .map((field) => invalidValue(`${path}.${field}`, spec[field], 'requires indexed completion mode'));
  }
  if (mode !== 'Indexed') return [];
  const errors: FieldError[] = [];
  const most = (field: string, limit: number, when = '') => {
    if (spec[field] === undefined || spec[field] <= limit) return;
    errors.push(
      invalidValue(`${path}.${field}`, spec[field], `must be less than or equal to ${limit}${when}`),
    );
  };
  if (completions === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  }
  most('parallelism', MOST_PARALLEL, ' when completion mode is Indexed');
  if (completions !== undefined && maxFailedIndexes > completions) {
    const why = 'must be less than or equal to completions';
    errors.push(invalidValue(`${path}.maxFailedIndexes`, maxFailedIndexes, why));
  }
  most('maxFailedIndexes', MOST_FAILED);
  if (completions > MANY && backoffLimitPerIndex !== undefined) {
    const when = ` when completions are above ${MANY} and used with backoff limit per index`;
    if (maxFailedIndexes === undefined) {
      const why = `must be specified when completions is above ${MANY}`;
      errors.push(required(`${path}.maxFailedIndexes`, why));
    }
    if (parallelism !== undefined) most('parallelism', MOST_PARALLEL_OF_MANY, when);
    most('maxFailedIndexes', MOST_FAILED_OF_MANY, when);
  }
  return errors;
}

type SuccessRule = V1SuccessPolicyRule;

export function validateSuccessPolicy(spec: KubeObject['spec'], path: string): FieldError[] {
  const rules: SuccessRule[] = spec.successPolicy.rules ?? [];
  const field = `${path}.rules`;
  if (spec.completionMode !== 'Indexed') {
    return [invalidValue(path, { Rules: rules }, 'requires indexed completion mode')];
  }
  const why = 'at least one rules must be specified when the successPolicy is specified';
  return [
    ...(rules.length > 0 ? [] : [required(field, why)]),
    ...(rules.length > MOST_SUCCESS_RULES ? [tooMany(field, rules.length, MOST_SUCCESS_RULES)] : []),
    ...rules.flatMap((rule, index) => validateSuccess(rule, `${field}[${index}]`, spec.completions ?? 0)),
  ];
}

function validateSuccess(
  { succeededCount: count, succeededIndexes: indexes }: SuccessRule,
  path: string,
  completions: number,
): FieldError[] {
  const errors: FieldError[] = [];
  if (count === undefined && indexes === undefined) {
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  const parsed = indexes === undefined ? undefined : countIndexes(indexes, completions);
  if (typeof parsed === 'string') {
    const why = `error parsing succeededIndexes: ${parsed}`;
    errors.push(invalidValue(`${path}.succeededIndexes`, indexes, why));
  }
  if (count === undefined) return errors;
  const field = `${path}.succeededCount`;
  const most = 'must be less than or equal to';
  errors.push(...nonNegative(field, count));
  if (count > completions) {
    errors.push(invalidValue(field, count, `${most} ${completions} (the number of specified completions)`));
  }
  if (typeof parsed === 'number' && count > parsed) {
    const why = `${most} ${parsed} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(invalidValue(field, count, why));
  }
  return errors;
}

/** `1,3-5`: how many indexes that is, or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let total = 0;
  let last = -1;
  for (const part of text.split(',')) {
    const limits = part.split('-');
    if (limits.length > 2)
      return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    const numbers = limits.map(Number);
    const odd = limits.find((limit) => !/^\d+$/.test(limit));
    if (odd !== undefined) return `cannot convert string to integer for index: ${JSON.stringify(odd)}`;
    const high = numbers.find((number) => number >= completions);
    if (high !== undefined) return `too large index: ${JSON.stringify(String(high))}`;
    const [from, to = from] = numbers as [number, number?];
    if (from <= last) return `non-increasing order, previous: ${last}, current: ${from}`;
    if (limits.length > 1 && to <= from) return `non-increasing order, previous: ${from}, current: ${to}`;
    last = to;
    total += to - from + 1;
  }
  return total;
}
