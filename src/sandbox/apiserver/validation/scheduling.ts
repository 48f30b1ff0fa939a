/** Rules of where a pod may go: affinity, tolerations, spread (pkg/apis/core/validation). */
import type { FieldError } from '../status.ts';
import { validateLabels } from './meta.ts';
import { invalidValue, keyProblems, labelValueProblems, oneOf, required } from './rules.ts';
import { validateLabelSelector } from './selectors.ts';

interface Toleration {
  key?: string;
  operator?: string;
  effect?: string;
  value?: string;
  tolerationSeconds?: number;
}

interface AffinityTerm {
  topologyKey?: string;
  labelSelector?: object;
  namespaceSelector?: object;
}

interface Affinity<Term> {
  requiredDuringSchedulingIgnoredDuringExecution?: Term[];
  preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; podAffinityTerm?: Term }[];
}

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

export interface Placement {
  nodeSelector?: Record<string, string>;
  tolerations?: Toleration[];
  topologySpreadConstraints?: {
    maxSkew?: number;
    topologyKey?: string;
    whenUnsatisfiable?: string;
    labelSelector?: object;
  }[];
  affinity?: {
    nodeAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: {
        nodeSelectorTerms?: { matchExpressions?: Requirement[] }[];
      };
      preferredDuringSchedulingIgnoredDuringExecution?: {
        weight: number;
        preference?: { matchExpressions?: Requirement[] };
      }[];
    };
    podAffinity?: Affinity<AffinityTerm>;
    podAntiAffinity?: Affinity<AffinityTerm>;
  };
}

export function validatePlacement(spec: Placement, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return [
    ...validateLabels(`${path}.nodeSelector`, spec.nodeSelector),
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, `${path}.affinity.nodeAffinity`) : []),
    ...(podAffinity ? validateAffinity(podAffinity, `${path}.affinity.podAffinity`) : []),
    ...(podAntiAffinity ? validateAffinity(podAntiAffinity, `${path}.affinity.podAntiAffinity`) : []),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...validateSpread(spec, `${path}.topologySpreadConstraints`),
  ];
}

const requiredField = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredField = 'preferredDuringSchedulingIgnoredDuringExecution';

const weightErrors = (weight: number, path: string) =>
  weight >= 1 && weight <= 100 ? [] : [invalidValue(`${path}.weight`, weight, 'must be in the range 1-100')];

function validateAffinity(affinity: Affinity<AffinityTerm>, path: string): FieldError[] {
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
    ...topologyKey(term.topologyKey ?? '', path),
  ];
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
    ...terms.flatMap(({ matchExpressions }, index) => requirements(matchExpressions, `${at}[${index}]`)),
    ...(affinity[preferredField] ?? []).flatMap(({ weight, preference }, index) => {
      const place = `${path}.${preferredField}[${index}]`;
      return [
        ...weightErrors(weight, place),
        ...requirements(preference?.matchExpressions, `${place}.preference`),
      ];
    }),
  ];
}

function requirements(list: Requirement[] = [], path: string): FieldError[] {
  return list.flatMap(({ key, operator, values = [] }, index) => {
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
    return [...errors, ...keyProblems(key).map((problem) => invalidValue(`${at}.key`, key, problem))];
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

function validateSpread({ topologySpreadConstraints = [] }: Placement, path: string): FieldError[] {
  return topologySpreadConstraints.flatMap(
    ({ maxSkew = 0, topologyKey: key = '', whenUnsatisfiable, labelSelector }, index) => {
      const at = `${path}[${index}]`;
      return [
        ...(maxSkew > 0 ? [] : [invalidValue(`${at}.maxSkew`, maxSkew, 'must be greater than zero')]),
        ...(key ? [] : [required(`${at}.topologyKey`, 'can not be empty')]),
        ...(key ? keyProblems(key).map((problem) => invalidValue(`${at}.topologyKey`, key, problem)) : []),
        ...oneOf(`${at}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']),
        ...validateLabelSelector(`${at}.labelSelector`, labelSelector),
      ];
    },
  );
}
