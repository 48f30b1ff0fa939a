/** Rules of where a pod may go: affinity, tolerations, spread (pkg/apis/core/validation). */

import type {
  V1NodeSelectorRequirement,
  V1NodeSelectorTerm,
  V1PodAffinity,
  V1PodAffinityTerm,
  V1Toleration,
} from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../../kubernetes.ts';
import type { FieldError } from '../../../status.ts';
import { validateLabels } from '../../../validation/meta.ts';
import {
  dnsLabel,
  dnsSubdomain,
  duplicate,
  forbiddenValue,
  invalidValue,
  keyProblems,
  labelValueProblems,
  oneOf,
  qualifiedName,
  required,
} from '../../../validation/rules.ts';
import { validateLabelSelector } from '../../../validation/selectors.ts';
import type { PodSpec } from './spec-types.ts';
import { validateSpread } from './spread.ts';

type Toleration = Unvalidated<V1Toleration>;

type AffinityTerm = Unvalidated<V1PodAffinityTerm>;

type Affinity = Unvalidated<V1PodAffinity>;

type NodeTerm = Unvalidated<V1NodeSelectorTerm>;

type Requirement = Unvalidated<V1NodeSelectorRequirement>;

export type Placement = Pick<
  PodSpec,
  | 'affinity'
  | 'nodeSelector'
  | 'readinessGates'
  | 'schedulingGates'
  | 'tolerations'
  | 'topologySpreadConstraints'
>;

export function validatePlacement(spec: Placement, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return [
    ...validateLabels(`${path}.nodeSelector`, spec.nodeSelector),
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, `${path}.affinity.nodeAffinity`) : []),
    ...(podAffinity ? validateAffinity(podAffinity, `${path}.affinity.podAffinity`) : []),
    ...(podAntiAffinity ? validateAffinity(podAntiAffinity, `${path}.affinity.podAntiAffinity`) : []),
    ...validateGates(spec, path),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...validateSpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
  ];
}

function validateGates({ readinessGates = [], schedulingGates = [] }: Placement, path: string): FieldError[] {
  const qualified = (field: string, name = '') =>
    keyProblems(name).map((problem) => invalidValue(field, name, problem));
  return [
    ...readinessGates.flatMap(({ conditionType }, index) =>
      qualified(`${path}.readinessGates[${index}].conditionType`, conditionType),
    ),
    ...schedulingGates.flatMap(({ name }, index) => {
      const at = `${path}.schedulingGates[${index}]`;
      const isAgain = schedulingGates.findIndex((gate) => gate.name === name) < index;
      return [...qualified(at, name), ...(isAgain ? [duplicate(at, name)] : [])];
    }),
  ];
}

const requiredField = 'requiredDuringSchedulingIgnoredDuringExecution';

const preferredField = 'preferredDuringSchedulingIgnoredDuringExecution';

const weightErrors = (weight = 0, path: string) =>
  weight >= 1 && weight <= 100 ? [] : [invalidValue(`${path}.weight`, weight, 'must be in the range 1-100')];

function validateAffinity(affinity: Affinity, path: string): FieldError[] {
  return [
    ...(affinity[requiredField] ?? []).flatMap((term, index) =>
      validateTerm(term, `${path}.${requiredField}[${index}]`),
    ),
    ...(affinity[preferredField] ?? []).flatMap(({ weight, podAffinityTerm = {} }, index) => {
      const at = `${path}.${preferredField}[${index}]`;
      return [...weightErrors(weight, at), ...validateTerm(podAffinityTerm, `${at}.podAffinityTerm`)];
    }),
  ];
}

function validateTerm(term: AffinityTerm, path: string): FieldError[] {
  return [
    ...validateLabelSelector(`${path}.labelSelector`, term.labelSelector),
    ...validateLabelSelector(`${path}.namespaceSelector`, term.namespaceSelector),
    ...(term.namespaces ?? []).flatMap((name) => dnsLabel(`${path}.namespace`, name)),
    ...(['matchLabelKeys', 'mismatchLabelKeys'] as const).flatMap((field) => labelKeys(term, field, path)),
    ...topologyKey(term.topologyKey ?? '', path),
  ];
}

/** Keys of labels whose values are those of the Pod itself. */
function labelKeys(
  term: AffinityTerm,
  field: 'matchLabelKeys' | 'mismatchLabelKeys',
  path: string,
): FieldError[] {
  const keys = term[field] ?? [];
  const at = `${path}.${field}`;
  if (keys.length > 0 && !term.labelSelector) {
    return [forbiddenValue(at, 'must not be specified when labelSelector is not set')];
  }
  const both = 'exists in both matchLabelKeys and mismatchLabelKeys';
  return keys.flatMap((key, index) => [
    ...qualifiedName(`${at}[${index}]`, key),
    ...(field === 'matchLabelKeys' && term.mismatchLabelKeys?.includes(key)
      ? [invalidValue(`${at}[${index}]`, key, both)]
      : []),
  ]);
}

function topologyKey(key: string, path: string): FieldError[] {
  const field = `${path}.topologyKey`;
  return [
    ...(key ? [] : [required(field, 'can not be empty')]),
    ...keyProblems(key).map((problem) => invalidValue(field, key, problem)),
  ];
}

function validateNodeAffinity(
  affinity: NonNullable<NonNullable<Placement['affinity']>['nodeAffinity']>,
  path: string,
): FieldError[] {
  const must = affinity[requiredField];
  const terms = must?.nodeSelectorTerms ?? [];
  const at = `${path}.${requiredField}.nodeSelectorTerms`;
  return [
    ...(must && terms.length === 0 ? [required(at, 'must have at least one node selector term')] : []),
    ...terms.flatMap((term, index) => validateNodeTerm(term, `${at}[${index}]`)),
    ...(affinity[preferredField] ?? []).flatMap(({ weight, preference }, index) => {
      const place = `${path}.${preferredField}[${index}]`;
      return [...weightErrors(weight, place), ...validateNodeTerm(preference ?? {}, `${place}.preference`)];
    }),
  ];
}

function validateNodeTerm({ matchExpressions, matchFields }: NodeTerm, path: string): FieldError[] {
  return [...requirements(matchExpressions, path), ...fieldRequirements(matchFields, `${path}.matchFields`)];
}

/** Of a node's fields only its name can be asked for. */
function fieldRequirements(list: Requirement[] = [], path: string): FieldError[] {
  const one = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
  return list.flatMap(({ key, operator, values = [] }, index) => {
    const at = `${path}[${index}]`;
    const isKnown = operator === 'In' || operator === 'NotIn';
    return [
      ...(isKnown ? [] : [invalidValue(`${at}.operator`, operator, 'not a valid selector operator')]),
      ...(isKnown && values.length !== 1 ? [required(`${at}.values`, one)] : []),
      ...(key === 'metadata.name'
        ? values.flatMap((value, place) => dnsSubdomain(`${at}.values[${place}]`, value))
        : [invalidValue(`${at}.key`, key, 'not a valid field selector key')]),
    ];
  });
}

function requirements(list: Requirement[] = [], path: string): FieldError[] {
  return list.flatMap(({ key = '', operator, values = [] }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const errors: FieldError[] = [];
    if (operator === 'In' || operator === 'NotIn') {
      const why = "must be specified when `operator` is 'In' or 'NotIn'";
      if (values.length === 0) errors.push(required(`${at}.values`, why));
    } else if (operator === 'Gt' || operator === 'Lt') {
      const why = "must be specified single value when `operator` is 'Lt' or 'Gt'";
      if (values.length !== 1) errors.push(required(`${at}.values`, why));
    } else if (operator !== 'Exists' && operator !== 'DoesNotExist') {
      errors.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'));
    } else if (values.length > 0) {
      const message = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      errors.push({ type: 'Forbidden', field: `${at}.values`, message });
    }
    return [
      ...errors,
      ...qualifiedName(`${at}.key`, key),
      ...values.flatMap((value, place) =>
        labelValueProblems(value).map((why) => invalidValue(`${at}.values[${place}]`, value, why)),
      ),
    ];
  });
}

function validateTolerations(list: Toleration[], path: string): FieldError[] {
  return list.flatMap(({ key, operator, value = '', effect, tolerationSeconds }, index) => {
    const at = `${path}[${index}]`;
    const errors = key ? keyProblems(key).map((problem) => invalidValue(`${at}.key`, key, problem)) : [];
    if (!key && operator !== 'Exists') {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalidValue(`${at}.operator`, operator ?? '', why));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(invalidValue(`${at}.effect`, effect ?? '', why));
    }
    if (operator === 'Exists' && value) {
      errors.push(invalidValue(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    } else if (!operator || operator === 'Equal') {
      const problems = labelValueProblems(value);
      if (problems.length > 0) errors.push(invalidValue(`${at}.operator`, value, problems.join(';')));
    } else if (operator !== 'Exists') {
      errors.push(...oneOf(`${at}.operator`, operator, ['Equal', 'Exists']));
    }
    if (effect)
      errors.push(...oneOf(`${at}.effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']));
    return errors;
  });
}
