/** What the kinds that make Pods share: defaults and rules of templates and selectors. */
import type { V1LabelSelector } from '@kubernetes/client-node';
import type { KubeObject } from '../../api.ts';
import { fieldOf, same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { validateAnnotations, validateLabels } from '../validation/meta.ts';
import {
  forbiddenValue,
  immutable,
  invalidValue,
  nonNegative,
  oneOf,
  required,
  shown,
} from '../validation/rules.ts';
import { validateLabelSelector } from '../validation/selectors.ts';
import { validateDeletionCost } from './pod/deletion-cost.ts';
import { setPodSpecDefaults } from './pod/spec/defaults.ts';
import { validatePodSpec } from './pod/spec/spec.ts';
import type { PodSpec } from './pod/spec/spec-types.ts';

type Selector = V1LabelSelector;

/** Fills the pod template of a workload. Requests that follow from limits are left to the Pods made from it. */
export function setTemplateDefaults(object: KubeObject): void {
  object.spec ??= {};
  object.spec.template ??= {};
  object.spec.template.metadata ??= {};
  object.spec.template.spec ??= {};
  setPodSpecDefaults(object.spec.template.spec);
}

type Workload = 'DaemonSet' | 'Deployment' | 'ReplicaSet' | 'StatefulSet';

/** What the messages about a selector say where they do not name the kind that they are about. */
const emptyFor: Partial<Record<Workload, string>> = { ReplicaSet: 'deployment' };

/** The selector and the template, which must fit together (pkg/apis/apps/validation). */
export function validateSelected(spec: KubeObject['spec'], kind: Workload): FieldError[] {
  const selector: Selector | undefined = spec.selector;
  const isEmpty =
    selector && !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length;
  const errors = validateLabelSelector('spec.selector', selector);
  const isWrong = errors.length > 0;
  // A DaemonSet may lack it: then it matches no template.
  if (!selector && kind !== 'DaemonSet') errors.push(required('spec.selector'));
  if (isEmpty) {
    const why = `empty selector is invalid for ${emptyFor[kind] ?? kind.toLowerCase()}`;
    errors.push(invalidValue('spec.selector', {}, why));
  }
  if (isWrong && kind !== 'DaemonSet') {
    const why = kind === 'StatefulSet' ? undefined : 'invalid label selector';
    return [...errors, invalidValue('spec.selector', selector, why)];
  }
  const labels: Record<string, string> | undefined = spec.template.metadata?.labels;
  if (!isWrong && !isEmpty && !(selector && selects(selector, labels ?? {}))) {
    const why = '`selector` does not match template `labels`';
    errors.push(invalidValue('spec.template.metadata.labels', labels ?? null, why));
  }
  return [...errors, ...validateLasting(spec.template, kind)];
}

/** A template of Pods that run until somebody stops them. */
function validateLasting(template: KubeObject['spec'], kind: Workload): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds }: PodSpec = template.spec;
  const owner = kind === 'Deployment' ? 'ReplicaSet' : kind;
  const field = 'spec.template.spec.activeDeadlineSeconds';
  return [
    ...validateTemplate(template, 'spec.template'),
    ...oneOf('spec.template.spec.restartPolicy', restartPolicy, ['Always']),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbiddenValue(field, `activeDeadlineSeconds in ${owner} is not Supported`)]),
  ];
}

/** `path` is where the template stands: `spec.template`. */
export function validateTemplate(template: KubeObject['spec'], path: string): FieldError[] {
  return [
    ...validateLabels(`${path}.labels`, template.metadata?.labels),
    ...validateAnnotations(`${path}.annotations`, template.metadata?.annotations),
    ...validateDeletionCost(`${path}.annotations`, template.metadata?.annotations),
    ...validatePodSpec(template.spec, `${path}.spec`),
    ...(template.spec.ephemeralContainers?.length
      ? [
          forbiddenValue(
            `${path}.spec.ephemeralContainers`,
            'ephemeral containers not allowed in pod template',
          ),
        ]
      : []),
  ];
}

export function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Record<string, string>,
): boolean {
  const byLabels = Object.entries(matchLabels).every(([key, value]) => fieldOf(labels, key) === value);
  return (
    byLabels &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = String(fieldOf(labels, key) ?? '');
      if (operator === 'In') return values.includes(value);
      if (operator === 'NotIn') return !values.includes(value);
      return Object.hasOwn(labels, key) === (operator === 'Exists');
    })
  );
}

/** A number of Pods, or a percentage of them. */
export function countOrPercent(path: string, value: unknown): FieldError[] {
  if (typeof value === 'number') return nonNegative(path, value);
  if (typeof value !== 'string' || /^\d+%$/.test(value)) return [];
  const why =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalidValue(path, value, why)];
}

/** Of things that are there: more than all of them is a mistake. */
export function share(path: string, value: unknown): FieldError[] {
  if (typeof value !== 'string' || !/^\d+%$/.test(value) || Number.parseInt(value, 10) <= 100) return [];
  return [invalidValue(path, value, 'must not be greater than 100%')];
}

/** The message shows the whole strategy, under the names that Go has for its fields. */
export function strategyNotSupported(path: string, type: unknown, supported: string[]): FieldError {
  const names = supported.map(shown).join(', ');
  const strategy = shown({ Type: type, RollingUpdate: null });
  return {
    type: 'NotSupported',
    field: path,
    message: `Unsupported value: ${strategy}: supported values: ${names}`,
  };
}

export const isZero = (value: unknown) => value === 0 || value === '0%';

export function validateSelectorUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  return same(object.spec.selector, old.spec.selector)
    ? []
    : [immutable('spec.selector', object.spec.selector)];
}
