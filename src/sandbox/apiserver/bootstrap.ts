/** What every cluster holds from its first moment, and what each new namespace is given. */
import type { Api } from '../api.ts';
import { ApiError } from '../api.ts';

const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export function bootstrap(api: Api, caPem: string): void {
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
