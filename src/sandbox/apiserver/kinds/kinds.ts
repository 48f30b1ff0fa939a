/** Every resource that the server stores. A new kind: write its file, add it here. */

import { configmaps } from './configmap.ts';
import { controllerrevisions } from './controllerrevision.ts';
import { cronjobs } from './cronjob.ts';
import { customresourcedefinitions } from './customresourcedefinition/customresourcedefinition.ts';
import { daemonsets } from './daemonset.ts';
import { type ResourceDefinition, resourceName, type Served } from './definition.ts';
import { deployments } from './deployment.ts';
import { endpoints } from './endpoints.ts';
import { endpointslices } from './endpointslice.ts';
import { events } from './event/event.ts';
import { horizontalpodautoscalers } from './horizontalpodautoscaler/horizontalpodautoscaler.ts';
import { ingresses } from './ingress/ingress.ts';
import { ingressclasses } from './ingressclass.ts';
import { jobs } from './job/job.ts';
import { leases } from './lease.ts';
import { limitranges } from './limitrange/limitrange.ts';
import { namespaces } from './namespace.ts';
import { networkpolicies } from './networkpolicy/networkpolicy.ts';
import { nodes } from './node.ts';
import { persistentvolumes } from './persistentvolume.ts';
import { persistentvolumeclaims } from './persistentvolumeclaim/persistentvolumeclaim.ts';
import { pods } from './pod/pod.ts';
import { poddisruptionbudgets } from './poddisruptionbudget.ts';
import { priorityclasses } from './priorityclass.ts';
import { replicasets } from './replicaset.ts';
import { resourcequotas } from './resourcequota/resourcequota.ts';
import { clusterroles, roles } from './role.ts';
import { clusterrolebindings, rolebindings } from './rolebinding.ts';
import { secrets } from './secret.ts';
import { services } from './service/service.ts';
import { serviceaccounts } from './serviceaccount.ts';
import { statefulsets } from './statefulset.ts';
import { storageclasses } from './storageclass.ts';
import { virtualResources } from './virtual.ts';

export const definitions: readonly ResourceDefinition[] = [
  configmaps,
  endpoints,
  events,
  limitranges,
  namespaces,
  nodes,
  persistentvolumeclaims,
  persistentvolumes,
  pods,
  resourcequotas,
  secrets,
  serviceaccounts,
  services,
  controllerrevisions,
  daemonsets,
  deployments,
  replicasets,
  statefulsets,
  cronjobs,
  horizontalpodautoscalers,
  jobs,
  leases,
  endpointslices,
  customresourcedefinitions,
  ingressclasses,
  ingresses,
  networkpolicies,
  poddisruptionbudgets,
  priorityclasses,
  storageclasses,
  clusterrolebindings,
  clusterroles,
  rolebindings,
  roles,
];

/** Other versions of stored resources, by the resource that they show. */
export const views: readonly { of: ResourceDefinition; as: ResourceDefinition }[] = definitions.flatMap(
  (of) => (of.versions ?? []).map((version) => ({ of, as: { ...of, ...version } })),
);

/** All that discovery lists. */
export const served: readonly Served[] = [...definitions, ...views.map(({ as }) => as), ...virtualResources];

const byName = new Map(definitions.map((definition) => [resourceName(definition), definition]));

/** What other kinds have to say of new objects of a resource, in the order of the list. */
export function othersOnCreateOf(resource: string): Pick<ResourceDefinition, 'admit' | 'review'>[] {
  return definitions.flatMap(({ onCreateOf }) => onCreateOf?.[resource] ?? []);
}

/** undefined for a resource the server does not have. */
export function definitionOf(resource: string): ResourceDefinition | undefined {
  return byName.get(resource);
}
