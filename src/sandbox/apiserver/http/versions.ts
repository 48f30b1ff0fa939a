/** The groups and versions that the server has, in the real server's order. */
import { apiVersion, type ResourceDefinition } from '../registry/definition.ts';
import { definitions, views } from '../registry/index.ts';
import { virtualResources } from '../registry/virtual.ts';

/** Anything with an entry in discovery: stored kinds, reviews, metrics. */
export type Served = Pick<
  ResourceDefinition,
  | 'group'
  | 'version'
  | 'kind'
  | 'plural'
  | 'singular'
  | 'namespaced'
  | 'shortNames'
  | 'categories'
  | 'verbs'
  | 'subresources'
  | 'storageVersionHash'
>;

const groupOrder = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'metrics.k8s.io',
];

export interface GroupVersion {
  group: string;
  version: string;
  resources: Served[];
}

export const served: readonly Served[] = [...definitions, ...views.map(({ as }) => as), ...virtualResources];

/** Every group version with its resources by name. */
export const groupVersions: readonly GroupVersion[] = [...new Set(served.map(apiVersion))]
  .map((name) => {
    const resources = served
      .filter((resource) => apiVersion(resource) === name)
      .sort((a, b) => (a.plural < b.plural ? -1 : 1));
    return { group: resources[0]!.group, version: resources[0]!.version, resources };
  })
  .sort((a, b) => groupOrder.indexOf(a.group) - groupOrder.indexOf(b.group));

/** The named groups in order, without the core one. */
export const groups = [...new Set(groupVersions.map(({ group }) => group))].filter(Boolean);

export function servedAs(group: string, version: string, plural: string): Served | undefined {
  return served.find(
    (resource) => resource.group === group && resource.version === version && resource.plural === plural,
  );
}

export const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
