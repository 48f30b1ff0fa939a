/** What every cluster holds from its first moment, and what each new namespace is given. */
import type { Api } from '../api.ts';
import { ApiError } from '../api.ts';
import { clusterBindings, clusterRoles, editors } from './auth/builtin-roles.ts';
import { createDns } from './dns.ts';
import { resourceName } from './kinds/definition.ts';
import { definitions } from './kinds/kinds.ts';

const rbac = 'rbac.authorization.k8s.io';

const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export function bootstrap(api: Api, caPem: string): void {
  createRoles(api);
  for (const definition of definitions)
    for (const object of definition.initial ?? []) api.create(resourceName(definition), object);
  api.watch('namespaces', ({ type, object }) => {
    if (type !== 'DELETED' && !object.metadata.deletionTimestamp) furnish(api, object.metadata.name, caPem);
  });
  // Both come back when somebody deletes them, as their controllers see to it.
  for (const resource of ['serviceaccounts', 'configmaps']) {
    api.watch(resource, ({ type, object }) => {
      const { name, namespace = '' } = object.metadata;
      if (type !== 'DELETED' || !['default', 'kube-root-ca.crt'].includes(name)) return;
      const home = api.get('namespaces', undefined, namespace);
      if (home && !home.metadata.deletionTimestamp) furnish(api, namespace, caPem);
    });
  }
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) {
    api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  createDns(api);
  api.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
  });
}

function furnish(api: Api, namespace: string, caPem: string): void {
  ensure(api, 'serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace },
  });
  ensure(api, 'configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'kube-root-ca.crt',
      namespace,
      annotations: { 'kubernetes.io/description': description },
    },
    data: { 'ca.crt': caPem },
  });
  if (editors.except.includes(namespace)) return;
  ensure(api, `rolebindings.${rbac}`, {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'oncall', namespace },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: editors.role },
    subjects: [{ apiGroup: rbac, kind: 'Group', name: editors.group }],
  });
}

function createRoles(api: Api): void {
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  const role = (name: string) => ({ apiGroup: rbac, kind: 'ClusterRole', name });
  for (const [name, rules] of Object.entries(clusterRoles)) {
    api.create(`clusterroles.${rbac}`, {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name, labels },
      rules,
    });
  }
  for (const [name, groups] of Object.entries(clusterBindings)) {
    api.create(`clusterrolebindings.${rbac}`, {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name, labels },
      roleRef: role(name),
      subjects: groups.map((group) => ({ apiGroup: rbac, kind: 'Group', name: group })),
    });
  }
}

function ensure(api: Api, resource: string, object: Parameters<Api['create']>[1]): void {
  const { name = '', namespace } = object.metadata;
  if (api.get(resource, namespace, name)) return;
  try {
    api.create(resource, object);
  } catch (error) {
    // The namespace may have started to go in the same moment.
    if (!(error instanceof ApiError)) throw error;
  }
}
