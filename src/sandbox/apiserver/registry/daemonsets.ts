import type { KubeObject } from '../../api.ts';
import { same } from '../json.ts';
import { validateDaemonSet } from '../validation/sets.ts';
import { validateSelectorUpdate } from '../validation/workloads.ts';
import type { ResourceDefinition } from './definition.ts';
import { fallback } from './pod-spec-defaults.ts';
import { setTemplateDefaults } from './workload-defaults.ts';

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
  storageVersionHash: 'dd7pWHUlMKQ=',
  hasStatus: true,
  counted: true,
  subresources: [{ name: 'status', kind: 'DaemonSet', verbs: ['get', 'patch', 'update'] }],
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
};

function setTemplateGeneration({ metadata }: KubeObject, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}
