import type { KubeObject, NewObject } from '../../api.ts';
import { fallback, same } from '../json.ts';
import { type FieldError, forbidden } from '../status.ts';
import { ageColumn, column, created, nameColumn } from '../table/printer.ts';
import { forbiddenValue, immutable, oneOf } from '../validation/rules.ts';
import { READ } from './access.ts';
import type { HookContext, ResourceDefinition } from './definition.ts';

const group = 'scheduling.k8s.io';
const resource = `priorityclasses.${group}`;

/** Of a user's classes none is above this (pkg/apis/scheduling). */
const HIGHEST = 1_000_000_000;
const SYSTEM = 'system-';

const systemClasses = [
  systemClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
  systemClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
];

export const priorityclasses: ResourceDefinition = {
  group,
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  model: 'V1PriorityClass',
  access: { oncall: READ },
  storageVersionHash: '1QwjyaZjj3Y=',
  counted: true,
  initial: systemClasses,
  setDefaults(priorityClass) {
    fallback(priorityClass, 'value', 0);
    fallback(priorityClass, 'preemptionPolicy', 'PreemptLowerPriority');
  },
  admit: allowOneDefault,
  onCreateOf: { pods: { admit: setPriority } },
  validate,
  validateUpdate,
  deletion: { mark: refuseSystem },
  table: {
    columns: [
      nameColumn,
      column('Value', 'V1PriorityClass.value', { type: 'integer' }),
      column('Global-Default', 'V1PriorityClass.globalDefault', { type: 'boolean' }),
      ageColumn,
      column('PreemptionPolicy', 'V1PriorityClass.preemptionPolicy'),
    ],
    row: (one, now) => [
      one.metadata.name,
      one.value,
      one.globalDefault ?? false,
      created(one, now),
      one.preemptionPolicy,
    ],
  },
};

function systemClass(name: string, value: number, description: string): NewObject & { value: number } {
  return { apiVersion: `${group}/v1`, kind: 'PriorityClass', metadata: { name }, value, description };
}

/** The admission plug-in Priority, for a new Pod (plugin/pkg/admission/priority). */
function setPriority(pod: KubeObject, context: HookContext): void {
  const { spec, metadata } = pod;
  const refuse = (why: string) => forbidden({ plural: 'pods', group: '' }, metadata.name, why);
  const named: string | undefined = spec.priorityClassName || undefined;
  const chosen = named ? context.get(resource, undefined, named) : defaultClass(context);
  if (named && !chosen) throw refuse(`no PriorityClass with name ${named} was found`);
  const priority = chosen?.value ?? 0;
  const policy = chosen?.preemptionPolicy ?? 'PreemptLowerPriority';
  const computed = `priority admission controller computed`;
  if (spec.priority !== undefined && spec.priority !== priority) {
    throw refuse(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; ${computed} ${priority} from the given PriorityClass name`,
    );
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw refuse(
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; ${computed} ${policy} from the given PriorityClass name`,
    );
  }
  if (chosen) spec.priorityClassName = chosen.metadata.name;
  spec.priority = priority;
  spec.preemptionPolicy = policy;
}

/** Should there be several, which an update can bring about, the lowest counts. */
function defaultClass({ list }: HookContext): KubeObject | undefined {
  const defaults = list(resource).filter(({ globalDefault }) => globalDefault);
  return defaults.sort((a, b) => a.value - b.value)[0];
}

function allowOneDefault({ metadata, globalDefault }: KubeObject, context: HookContext): void {
  const other = globalDefault && defaultClass(context);
  if (!other) return;
  const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`;
  throw forbidden(priorityclasses, metadata.name, why);
}

function validate({ metadata, value, globalDefault, preemptionPolicy }: KubeObject): FieldError[] {
  const errors = oneOf('preemptionPolicy', preemptionPolicy, ['Never', 'PreemptLowerPriority']);
  if (metadata.name?.startsWith(SYSTEM)) {
    const problem = systemProblem(metadata.name, value, globalDefault);
    const lead = `priority class names with '${SYSTEM}' prefix are reserved for system use only. error: `;
    if (problem) errors.unshift(forbiddenValue('metadata.name', lead + problem));
  } else if (value > HIGHEST) {
    const why = `maximum allowed value of a user defined priority is ${HIGHEST}`;
    errors.unshift(forbiddenValue('value', why));
  }
  return errors;
}

function systemProblem(name: string, value: number, isDefault = false): string | undefined {
  const known = systemClasses.find(({ metadata }) => metadata.name === name);
  if (!known) return `${name} is not a known system priority class`;
  if (value !== known.value) return `value of ${name} PriorityClass must be ${known.value}`;
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function validateUpdate(now: KubeObject, old: KubeObject): FieldError[] {
  return [
    ...(now.value === old.value ? [] : [forbiddenValue('value', 'may not be changed in an update.')]),
    ...(same(now.preemptionPolicy, old.preemptionPolicy)
      ? []
      : [immutable('preemptionPolicy', now.preemptionPolicy)]),
  ];
}

function refuseSystem({ metadata }: KubeObject): void {
  if (!systemClasses.some((one) => one.metadata.name === metadata.name)) return;
  throw forbidden(priorityclasses, metadata.name, 'this is a system priority class and cannot be deleted');
}
