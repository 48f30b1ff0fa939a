import { validateStatefulSet, validateStatefulSetUpdate } from '../validation/sets.ts';
import type { ResourceDefinition } from './definition.ts';
import { fallback } from './pod-spec-defaults.ts';
import { setTemplateDefaults } from './workload-defaults.ts';

export const statefulsets: ResourceDefinition = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  model: 'V1StatefulSet',
  storageVersionHash: 'H+vl74LkKdo=',
  hasStatus: true,
  counted: true,
  subresources: [
    { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
    { name: 'status', kind: 'StatefulSet', verbs: ['get', 'patch', 'update'] },
  ],
  setDefaults(set) {
    setTemplateDefaults(set);
    const spec = set.spec;
    fallback(spec, 'podManagementPolicy', 'OrderedReady');
    fallback(spec, 'updateStrategy', {});
    fallback(spec.updateStrategy, 'type', 'RollingUpdate');
    if (spec.updateStrategy.type === 'RollingUpdate') {
      fallback(spec.updateStrategy, 'rollingUpdate', {});
      fallback(spec.updateStrategy.rollingUpdate, 'partition', 0);
    }
    fallback(spec, 'persistentVolumeClaimRetentionPolicy', {});
    fallback(spec.persistentVolumeClaimRetentionPolicy, 'whenDeleted', 'Retain');
    fallback(spec.persistentVolumeClaimRetentionPolicy, 'whenScaled', 'Retain');
    fallback(spec, 'replicas', 1);
    fallback(spec, 'revisionHistoryLimit', 10);
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.kind = 'PersistentVolumeClaim';
      claim.apiVersion = 'v1';
      fallback(claim, 'spec', {});
      fallback(claim.spec, 'volumeMode', 'Filesystem');
      claim.status = { phase: 'Pending' };
    }
  },
  prepareCreate(set) {
    set.status = { replicas: 0, availableReplicas: 0 };
  },
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
};
