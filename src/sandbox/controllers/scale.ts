import { type Api, ApiError, type KubeObject, type ResourceName } from '../api.ts';

/** Kinds that can be scaled, with their group. */
const SCALED: Record<string, ResourceName> = {
  'apps/Deployment': 'deployments.apps',
  'apps/ReplicaSet': 'replicasets.apps',
  'apps/StatefulSet': 'statefulsets.apps',
};

/** The resource behind a reference to something with a scale; undefined if this cluster has none such. */
export function scaledResource(
  api: Api,
  { apiVersion = '', kind }: { apiVersion?: string; kind: string },
): ResourceName | undefined {
  const resource = SCALED[`${apiVersion.split('/')[0]}/${kind}`];
  return resource && api.resources().includes(resource) ? resource : undefined;
}

/** Throws ApiError 404 if the object is gone. */
export function setReplicas(
  api: Api,
  resource: ResourceName,
  { metadata }: KubeObject,
  replicas: number,
  by: string,
): void {
  const { namespace, name } = metadata;
  const scaled = api.update(
    resource,
    namespace,
    name,
    (draft) => ({ ...draft, spec: { ...draft.spec, replicas } }),
    { by },
  );
  if (!scaled) throw new ApiError(404, 'NotFound', `${resource} "${name}" not found`);
}
