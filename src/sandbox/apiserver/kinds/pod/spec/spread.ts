/** Rules of how the Pods of a workload are spread (pkg/apis/core/validation: validateTopologySpreadConstraints). */
import type { V1TopologySpreadConstraint } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../../kubernetes.ts';
import type { FieldError } from '../../../status.ts';
import {
  duplicate,
  forbiddenValue,
  invalidValue,
  oneOf,
  qualifiedName,
  required,
} from '../../../validation/rules.ts';
import { validateLabelSelector } from '../../../validation/selectors.ts';

export type Spread = Unvalidated<V1TopologySpreadConstraint>;

export function validateSpread(constraints: Spread[] = [], path: string): FieldError[] {
  return constraints.flatMap((one, index) => {
    const { maxSkew = 0, topologyKey: key = '', whenUnsatisfiable = '' } = one;
    const at = `${path}[${index}]`;
    const isAgain = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === key && other.whenUnsatisfiable === whenUnsatisfiable);
    return [
      ...(maxSkew > 0 ? [] : [invalidValue(`${at}.maxSkew`, maxSkew, 'must be greater than zero')]),
      ...(key
        ? qualifiedName(`${at}.topologyKey`, key)
        : [required(`${at}.topologyKey`, 'can not be empty')]),
      ...oneOf(`${at}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']),
      ...(isAgain
        ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${key}, ${whenUnsatisfiable}}`)]
        : []),
      ...minDomains(one, `${at}.minDomains`),
      ...(['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const).flatMap((field) =>
        one[field] === undefined ? [] : oneOf(`${at}.${field}`, one[field], ['Honor', 'Ignore']),
      ),
      ...matchLabelKeys(one, `${at}.matchLabelKeys`),
      ...validateLabelSelector(`${at}.labelSelector`, one.labelSelector),
    ];
  });
}

function minDomains({ minDomains: count, whenUnsatisfiable }: Spread, field: string): FieldError[] {
  if (count === undefined) return [];
  const only = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
  return [
    ...(count > 0 ? [] : [invalidValue(field, count, 'must be greater than zero')]),
    ...(whenUnsatisfiable === 'DoNotSchedule' ? [] : [invalidValue(field, count, only)]),
  ];
}

function matchLabelKeys({ matchLabelKeys: keys = [], labelSelector }: Spread, field: string): FieldError[] {
  if (keys.length === 0) return [];
  const { matchLabels = {}, matchExpressions = [] } = labelSelector ?? {};
  const selected = new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)]);
  const alone = 'must not be specified when labelSelector is not set';
  return [
    ...(labelSelector ? [] : [forbiddenValue(field, alone)]),
    ...keys.flatMap((key, index) => [
      ...qualifiedName(`${field}[${index}]`, key),
      ...(selected.has(key)
        ? [invalidValue(`${field}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector')]
        : []),
    ]),
  ];
}
