import { validateDeployment, validateSelectorUpdate } from '../validation/workloads.ts';
import type { ResourceDefinition } from './definition.ts';
import { fallback } from './pod-spec-defaults.ts';
import { setTemplateDefaults } from './workload-defaults.ts';

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
  storageVersionHash: '8aSe+NMegvE=',
  hasStatus: true,
  counted: true,
  subresources: [
    { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
    { name: 'status', kind: 'Deployment', verbs: ['get', 'patch', 'update'] },
  ],
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
};
