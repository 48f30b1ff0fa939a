import type { KubeObject } from '../../api.ts';
import { validateBinding, validateBindingUpdate, validateRole } from '../validation/rbac.ts';
import type { ResourceDefinition } from './definition.ts';

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', nameRule: 'path' as const };

function setBindingDefaults(binding: KubeObject): void {
  if (binding.roleRef && !binding.roleRef.apiGroup) binding.roleRef.apiGroup = rbac.group;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ??= rbac.group;
  }
}

export const roles: ResourceDefinition = {
  ...rbac,
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  namespaced: true,
  model: 'V1Role',
  createOnUpdate: true,
  validate: validateRole,
  storageVersionHash: '7FuwZcIIItM=',
};

export const rolebindings: ResourceDefinition = {
  ...rbac,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  model: 'V1RoleBinding',
  storageVersionHash: 'eGsCzGH6b1g=',
  createOnUpdate: true,
  setDefaults: setBindingDefaults,
  validate: validateBinding,
  validateUpdate: validateBindingUpdate,
};

export const clusterroles: ResourceDefinition = {
  ...rbac,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  model: 'V1ClusterRole',
  createOnUpdate: true,
  validate: validateRole,
  storageVersionHash: 'bYE5ZWDrJ44=',
};

export const clusterrolebindings: ResourceDefinition = {
  ...rbac,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  model: 'V1ClusterRoleBinding',
  storageVersionHash: '48tpQ8gZHFc=',
  createOnUpdate: true,
  setDefaults: setBindingDefaults,
  validate: validateBinding,
  validateUpdate: validateBindingUpdate,
};
