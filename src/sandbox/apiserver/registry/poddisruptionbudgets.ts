import { validateBudget } from '../validation/policy.ts';
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
  storageVersionHash: 'EVWiDmWqyJw=',
  hasStatus: true,
  counted: true,
  unconditionalUpdate: false,
  subresources: [{ name: 'status', kind: 'PodDisruptionBudget', verbs: ['get', 'patch', 'update'] }],
  prepareCreate(budget) {
    budget.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  validate: validateBudget,
};
