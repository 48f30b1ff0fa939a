/** Rules of Jobs (pkg/apis/batch/validation). */
import type { KubeObject } from '../../../api.ts';
import { clone, same } from '../../json.ts';
import type { FieldError } from '../../status.ts';
import {
  domainPrefixedPath,
  immutable,
  invalidValue,
  labelProblems,
  nonNegative,
  oneOf,
  required,
} from '../../validation/rules.ts';
import { validateLabelSelector } from '../../validation/selectors.ts';
import { selects, validateTemplate } from '../template.ts';
import { validateFailurePolicy } from './failure-policy.ts';
import { validateIndexes, validateSuccessPolicy } from './indexed.ts';

export function validateJob({ metadata, spec }: KubeObject): FieldError[] {
  const { completions = 0, completionMode, selector, template } = spec;
  const errors = [...validateJobSpec(spec, 'spec'), ...validateLabelSelector('spec.selector', selector)];
  if (!selector) errors.push(required('spec.selector'));
  if (!(selector && selects(selector, template.metadata?.labels ?? {}))) {
    const why = '`selector` does not match template `labels`';
    errors.push(invalidValue('spec.template.metadata.labels', template.metadata?.labels ?? null, why));
  }
  if (completionMode === 'Indexed' && completions > 0) {
    const last = `${metadata.name}-${completions - 1}`;
    const why = `will not able to create pod with invalid DNS label: ${last}`;
    if (labelProblems(last).length > 0) errors.push(invalidValue('metadata.name', metadata.name, why));
  }
  return errors;
}

const fixed = [
  'selector',
  'template',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
];

/** Of a running Job parallelism, suspend, deadlines and back-off may change; what its Pods are may not. */
export function validateJobUpdate(job: KubeObject, old: KubeObject): FieldError[] {
  const { spec } = job;
  const { spec: before } = old;
  const errors = same(spec.completions, before.completions) ? [] : validateElastic(spec);
  for (const field of fixed) {
    const now = field === 'template' && before.suspend && !old.status?.startTime ? placed(job, old) : spec;
    if (!same(now[field], before[field])) errors.push(immutable(`spec.${field}`, spec[field] ?? null));
  }
  return errors;
}

/** An Indexed Job may get more or fewer indexes while it runs, if it may run all of them at a time. */
function validateElastic({ completionMode, completions, parallelism }: KubeObject['spec']): FieldError[] {
  if (completionMode !== 'Indexed') return [immutable('spec.completions', completions ?? null)];
  if (completions === undefined || completions === parallelism) return [];
  const why = 'can only be modified in tandem with spec.parallelism';
  return [invalidValue('spec.completions', completions, why)];
}

/** Where the Pods of a Job go and what they ask for may change before it first starts: such changes are left out. */
function placed({ spec }: KubeObject, { spec: before }: KubeObject): KubeObject['spec'] {
  const template = clone(spec.template);
  const { template: was } = before;
  template.metadata = was.metadata;
  for (const field of ['nodeSelector', 'tolerations', 'schedulingGates']) {
    if (was.spec[field] === undefined) delete template.spec[field];
    else template.spec[field] = was.spec[field];
  }
  for (const [index, container] of template.spec.containers.entries()) {
    container.resources = was.spec.containers[index]?.resources;
  }
  const { nodeAffinity: _, ...others } = template.spec.affinity ?? {};
  const affinity = {
    ...others,
    ...(was.spec.affinity?.nodeAffinity ? { nodeAffinity: was.spec.affinity.nodeAffinity } : {}),
  };
  if (Object.keys(affinity).length > 0) template.spec.affinity = affinity;
  else delete template.spec.affinity;
  return { ...spec, template };
}

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

export function validateJobSpec(spec: KubeObject['spec'], path: string): FieldError[] {
  const { podFailurePolicy, podReplacementPolicy, managedBy, completionMode } = spec;
  const replacements = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return [
    ...counts.flatMap((field) => nonNegative(`${path}.${field}`, spec[field])),
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
      ? [required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []),
    ...(managedBy === undefined ? [] : domainPrefixedPath(`${path}.managedBy`, managedBy)),
    ...(completionMode === undefined
      ? []
      : oneOf(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed'])),
    ...validateIndexes(spec, path),
    ...(podFailurePolicy ? validateFailurePolicy(spec, `${path}.podFailurePolicy`) : []),
    ...(spec.successPolicy ? validateSuccessPolicy(spec, `${path}.successPolicy`) : []),
    ...(podReplacementPolicy === undefined
      ? []
      : oneOf(`${path}.podReplacementPolicy`, podReplacementPolicy, replacements)),
    ...validateTemplate(spec.template, `${path}.template`),
    ...validateRestarts(spec, `${path}.template.spec.restartPolicy`),
  ];
}

/** Always is what the defaults write when nothing is given, so both look alike here, as on the real server. */
function validateRestarts({ template, podFailurePolicy }: KubeObject['spec'], field: string): FieldError[] {
  const policy = template.spec.restartPolicy ?? 'Always';
  if (policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')];
  const errors = oneOf(field, policy, ['OnFailure', 'Never']);
  if (errors.length > 0 || !podFailurePolicy || policy === 'Never') return errors;
  return [invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified')];
}
