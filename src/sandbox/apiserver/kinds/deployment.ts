import type { KubeObject } from '../../api.ts';
import { fallback, isRecord } from '../json.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn, templateCells, templateColumns } from '../table/printer.ts';
import { forbiddenValue, invalidValue, nonNegative } from '../validation/rules.ts';
import { editable, scale, status } from './access.ts';
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

export const deployments: ResourceDefinition = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Deployment',
  zeros: {
    omitted: [
      'V1DeploymentSpec.minReadySeconds',
      'V1DeploymentStatus.availableReplicas',
      'V1DeploymentStatus.readyReplicas',
      'V1DeploymentStatus.replicas',
      'V1DeploymentStatus.unavailableReplicas',
      'V1DeploymentStatus.updatedReplicas',
    ],
    written: { V1DeploymentCondition: { lastUpdateTime: null, lastTransitionTime: null } },
  },
  lists: {
    'V1DeploymentStatus.conditions': { merge: 'type', keys: ['type'] },
  },
  access: editable,
  storageVersionHash: '8aSe+NMegvE=',
  hasStatus: true,
  counted: true,
  // Its controller copies the annotations.
  countedToo: ({ metadata }) => metadata.annotations ?? {},
  subresources: [scale, status('Deployment')],
  setDefaults(deployment) {
    setTemplateDefaults(deployment);
    const spec = deployment.spec;
    fallback(spec, 'replicas', 1);
    fallback(spec, 'strategy', {});
    fallback(spec.strategy, 'type', 'RollingUpdate');
    if (spec.strategy.type === 'RollingUpdate') {
      fallback(spec.strategy, 'rollingUpdate', {});
      fallback(spec.strategy.rollingUpdate, 'maxUnavailable', '25%');
      fallback(spec.strategy.rollingUpdate, 'maxSurge', '25%');
    }
    fallback(spec, 'revisionHistoryLimit', 10);
    fallback(spec, 'progressDeadlineSeconds', 600);
  },
  validate: validateDeployment,
  validateUpdate: validateSelectorUpdate,
  prepareCreate(deployment) {
    deployment.status = {};
  },
  table: {
    columns: [
      nameColumn,
      column('Ready', 'Number of the pod with ready state'),
      column('Up-to-date', 'V1DeploymentStatus.updatedReplicas'),
      column('Available', 'V1DeploymentStatus.availableReplicas'),
      ageColumn,
      ...templateColumns(
        "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.",
      ),
    ],
    row: ({ metadata, spec, status }, now) => [
      metadata.name,
      `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status?.updatedReplicas ?? 0,
      status?.availableReplicas ?? 0,
      age(metadata.creationTimestamp, now),
      ...templateCells(spec),
    ],
  },
};

function validateDeployment(deployment: KubeObject): FieldError[] {
  const { spec } = deployment;
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelected(spec, 'Deployment'),
    ...validateStrategy(spec.strategy ?? {}),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds),
    ...deadline(spec),
  ];
}

function deadline({
  progressDeadlineSeconds: seconds,
  minReadySeconds = 0,
}: KubeObject['spec']): FieldError[] {
  if (seconds === undefined || seconds > minReadySeconds) return [];
  return [invalidValue('spec.progressDeadlineSeconds', seconds, 'must be greater than minReadySeconds')];
}

function validateStrategy({ type, rollingUpdate }: KubeObject['spec']): FieldError[] {
  const path = 'spec.strategy.rollingUpdate';
  if (type === 'Recreate') {
    const why = "may not be specified when strategy `type` is 'Recreate'";
    return rollingUpdate ? [forbiddenValue(path, why)] : [];
  }
  if (type !== 'RollingUpdate') {
    return [strategyNotSupported('spec.strategy', type, ['Recreate', 'RollingUpdate'])];
  }
  if (!isRecord(rollingUpdate)) return [];
  const errors = [
    ...countOrPercent(`${path}.maxUnavailable`, rollingUpdate.maxUnavailable),
    ...countOrPercent(`${path}.maxSurge`, rollingUpdate.maxSurge),
  ];
  if (isZero(rollingUpdate.maxUnavailable) && isZero(rollingUpdate.maxSurge)) {
    const why = 'may not be 0 when `maxSurge` is 0';
    errors.push(invalidValue(`${path}.maxUnavailable`, rollingUpdate.maxUnavailable, why));
  }
  return [...errors, ...share(`${path}.maxUnavailable`, rollingUpdate.maxUnavailable)];
}
