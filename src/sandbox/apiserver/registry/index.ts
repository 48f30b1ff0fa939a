/** Every resource that the server stores. A new kind: write its file, add it here. */

import { configmaps } from './configmaps.ts';
import { controllerrevisions } from './controllerrevisions.ts';
import { cronjobs } from './cronjobs.ts';
import { daemonsets } from './daemonsets.ts';
import type { ResourceDefinition } from './definition.ts';
import { resourceName } from './definition.ts';
import { deployments } from './deployments.ts';
import { endpoints } from './endpoints.ts';
import { endpointslices } from './endpointslices.ts';
import { modernEvents } from './event-view.ts';
import { events } from './events.ts';
import { horizontalpodautoscalers, horizontalpodautoscalersV1 } from './horizontalpodautoscalers.ts';
import { ingressclasses, ingresses } from './ingresses.ts';
import { jobs } from './jobs.ts';
import { leases } from './leases.ts';
import { limitranges } from './limitranges.ts';
import { namespaces } from './namespaces.ts';
import { networkpolicies } from './networkpolicies.ts';
import { nodes } from './nodes.ts';
import { poddisruptionbudgets } from './poddisruptionbudgets.ts';
import { pods } from './pods.ts';
import { clusterrolebindings, clusterroles, rolebindings, roles } from './rbac.ts';
import { replicasets } from './replicasets.ts';
import { resourcequotas } from './resourcequotas.ts';
import { secrets } from './secrets.ts';
import { serviceaccounts } from './serviceaccounts.ts';
import { services } from './services.ts';
import { statefulsets } from './statefulsets.ts';

export const definitions: readonly ResourceDefinition[] = [
  configmaps,
  endpoints,
  events,
  limitranges,
  namespaces,
  nodes,
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
  ingressclasses,
  ingresses,
  networkpolicies,
  poddisruptionbudgets,
  clusterrolebindings,
  clusterroles,
  rolebindings,
  roles,
];

/** Other versions of stored resources, by the resource that they show. */
export const views: readonly { of: ResourceDefinition; as: ResourceDefinition }[] = [
  { of: events, as: modernEvents },
  { of: horizontalpodautoscalers, as: horizontalpodautoscalersV1 },
];

const byName = new Map(definitions.map((definition) => [resourceName(definition), definition]));

/** undefined for a resource the server does not have. */
export function definitionOf(resource: string): ResourceDefinition | undefined {
  return byName.get(resource);
}
