import type { KubeObject } from '../../api.ts';
import { fallback, same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import {
  ageColumn,
  column,
  labelsText,
  nameColumn,
  templateCells,
  templateColumns,
} from '../table/printer.ts';
import { invalidValue, nonNegative, required } from '../validation/rules.ts';
import { editable, status } from './access.ts';
import type { ResourceDefinition } from './definition.ts';
import {
  countOrPercent,
  isZero,
  setTemplateDefaults,
  share,
  strategyNotSupported,
  validateSelected,
  validateSelectorUpdate,
} from './template.ts';

/** Counts the templates that a DaemonSet has had; only the server writes it. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

export const daemonsets: ResourceDefinition = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  model: 'V1DaemonSet',
  zeros: {
    omitted: [
      'V1DaemonSetSpec.minReadySeconds',
      'V1DaemonSetStatus.numberAvailable',
      'V1DaemonSetStatus.numberUnavailable',
      'V1DaemonSetStatus.updatedNumberScheduled',
    ],
    written: { V1DaemonSetCondition: { lastTransitionTime: null } },
  },
  lists: {
    'V1DaemonSetStatus.conditions': { merge: 'type' },
  },
  access: editable,
  storageVersionHash: 'dd7pWHUlMKQ=',
  hasStatus: true,
  counted: true,
  subresources: [status('DaemonSet')],
  setDefaults(set) {
    setTemplateDefaults(set);
    const spec = set.spec;
    fallback(spec, 'updateStrategy', {});
    fallback(spec.updateStrategy, 'type', 'RollingUpdate');
    if (spec.updateStrategy.type === 'RollingUpdate') {
      fallback(spec.updateStrategy, 'rollingUpdate', {});
      fallback(spec.updateStrategy.rollingUpdate, 'maxUnavailable', 1);
      fallback(spec.updateStrategy.rollingUpdate, 'maxSurge', 0);
    }
    fallback(spec, 'revisionHistoryLimit', 10);
  },
  prepareCreate(set) {
    set.status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    };
    setTemplateGeneration(set, 1);
  },
  prepareUpdate(set, old) {
    const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
    setTemplateGeneration(set, same(set.spec.template, old.spec.template) ? before : before + 1);
  },
  validate: validateDaemonSet,
  validateUpdate: validateSelectorUpdate,
  table: {
    columns: [
      nameColumn,
      column('Desired', 'V1DaemonSetStatus.desiredNumberScheduled', { type: 'integer' }),
      column('Current', 'V1DaemonSetStatus.currentNumberScheduled', { type: 'integer' }),
      column('Ready', 'V1DaemonSetStatus.numberReady', { type: 'integer' }),
      column('Up-to-date', 'V1DaemonSetStatus.updatedNumberScheduled', { type: 'integer' }),
      column('Available', 'V1DaemonSetStatus.numberAvailable', { type: 'integer' }),
      column('Node Selector', 'V1PodSpec.nodeSelector'),
      ageColumn,
      ...templateColumns(
        "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
      ),
    ],
    row: ({ metadata, spec, status }, now) => [
      metadata.name,
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      labelsText(spec.template.spec.nodeSelector),
      age(metadata.creationTimestamp, now),
      ...templateCells(spec),
    ],
  },
};

function validateDaemonSet({ spec }: KubeObject): FieldError[] {
  return [
    ...validateSelected(spec, 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateDaemonStrategy(spec.updateStrategy),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

function setTemplateGeneration({ metadata }: KubeObject, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

function validateDaemonStrategy({ type, rollingUpdate }: KubeObject['spec']): FieldError[] {
  const path = 'spec.updateStrategy';
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') return [strategyNotSupported(path, type, ['RollingUpdate', 'OnDelete'])];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [
    ...countOrPercent(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable),
    ...countOrPercent(`${path}.rollingUpdate.maxSurge`, maxSurge),
    ...share(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable),
    ...share(`${path}.rollingUpdate.maxSurge`, maxSurge),
  ];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(required(`${path}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  } else if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
    const why = 'may not be set when maxUnavailable is non-zero';
    errors.push(invalidValue(`${path}.rollingUpdate.maxSurge`, maxSurge, why));
  }
  return errors;
}
