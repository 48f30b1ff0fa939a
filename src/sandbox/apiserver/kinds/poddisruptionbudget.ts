import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn } from '../table/printer.ts';
import { invalidValue, nonNegative, oneOf } from '../validation/rules.ts';
import { validateLabelSelector } from '../validation/selectors.ts';
import { editable, status } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

export const poddisruptionbudgets: ResourceDefinition = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  model: 'V1PodDisruptionBudget',
  zeros: {
    written: {
      V1PodDisruptionBudgetStatus: {
        disruptionsAllowed: 0,
        currentHealthy: 0,
        desiredHealthy: 0,
        expectedPods: 0,
      },
    },
  },
  lists: {
    'V1PodDisruptionBudgetStatus.conditions': { merge: 'type', keys: ['type'] },
  },
  access: editable,
  storageVersionHash: 'EVWiDmWqyJw=',
  hasStatus: true,
  counted: true,
  unconditionalUpdate: false,
  subresources: [status('PodDisruptionBudget')],
  prepareCreate(budget) {
    budget.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  validate: validateBudget,
  table: {
    columns: [
      nameColumn,
      column('Min Available', 'The minimum number of pods that must be available.'),
      column('Max Unavailable', 'The maximum number of pods that may be unavailable.'),
      column('Allowed Disruptions', 'Calculated number of pods that may be disrupted at this time.', {
        type: 'integer',
      }),
      ageColumn,
    ],
    row: ({ metadata, spec, status }, now) => [
      metadata.name,
      String(spec.minAvailable ?? 'N/A'),
      String(spec.maxUnavailable ?? 'N/A'),
      status?.disruptionsAllowed ?? 0,
      age(metadata.creationTimestamp, now),
    ],
  },
};

function validateBudget({ spec }: KubeObject): FieldError[] {
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
