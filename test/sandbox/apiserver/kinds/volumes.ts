/** A server and makers of the kinds that are about volumes. */
import type { KubeObject } from '../../../../src/sandbox/api.ts';
import type { LocalApi } from '../../../../src/sandbox/apiserver/api.ts';

export const CLASSES = 'storageclasses.storage.k8s.io';

export const storageClass = (api: LocalApi, name: string, more = {}) =>
  api.create(CLASSES, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'example.com/disk',
    ...more,
  });

export const claim = (api: LocalApi, name: string, spec = {}, namespace = 'default') =>
  api.create('persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });

export const volume = (api: LocalApi, name: string, spec = {}) =>
  api.create('persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      hostPath: { path: '/data' },
      ...spec,
    },
  });

/** An update as a client's: `to` changes a draft. */
export const change = (
  api: LocalApi,
  resource: string,
  name: string,
  to: (draft: KubeObject) => void,
  options: { namespace?: string; subresource?: 'status' } = {},
) =>
  api.update(
    resource,
    options.namespace,
    name,
    (draft) => {
      to(draft);
      return draft;
    },
    { subresource: options.subresource },
  );
