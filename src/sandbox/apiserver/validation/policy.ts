/** Rules of PodDisruptionBudgets (pkg/apis/policy/validation). */
import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { invalidValue, nonNegative, oneOf } from './rules.ts';
import { validateLabelSelector } from './selectors.ts';

export function validateBudget({ spec }: KubeObject): FieldError[] {
  const { minAvailable = null, maxUnavailable = null, selector = null } = spec;
  const policy: string | null = spec.unhealthyPodEvictionPolicy ?? null;
  const errors: FieldError[] = [];
  if (minAvailable !== null && maxUnavailable !== null) {
    // The real message quotes the whole spec under the names that Go has for its fields.
    const quoted = {
      MinAvailable: minAvailable,
      Selector: selector,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: policy,
    };
    errors.push(invalidValue('spec', quoted, 'minAvailable and maxUnavailable cannot be both set'));
  }
  errors.push(...validateAmount('spec.minAvailable', minAvailable));
  errors.push(...validateAmount('spec.maxUnavailable', maxUnavailable));
  errors.push(...validateLabelSelector('spec.selector', selector ?? undefined));
  if (policy !== null) {
    const field = 'spec.unhealthyPodEvictionPolicy';
    errors.push(...oneOf(field, policy, ['AlwaysAllow', 'IfHealthyBudget']));
  }
  return errors;
}

function validateAmount(field: string, value: number | string | null): FieldError[] {
  if (value === null) return [];
  if (typeof value === 'number') return nonNegative(field, value);
  if (!/^[0-9]+%$/.test(value)) {
    const rule =
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    return [invalidValue(field, value, rule)];
  }
  return Number.parseInt(value, 10) > 100
    ? [invalidValue(field, value, 'must not be greater than 100%')]
    : [];
}
