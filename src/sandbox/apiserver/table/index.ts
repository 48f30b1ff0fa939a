/** Objects as a Table, the form `kubectl get` asks for. */
import type { KubeObject } from '../../api.ts';
import { events, namespaces, nodes } from './cluster.ts';
import { bindings, configmaps, leases, plain, roles, secrets, serviceaccounts } from './config.ts';
import { ingressclasses, ingresses, networkpolicies } from './ingress.ts';
import { cronjobs, jobs } from './jobs.ts';
import { endpoints, endpointslices, services } from './network.ts';
import { pods } from './pods.ts';
import { horizontalpodautoscalers, limitranges, poddisruptionbudgets, resourcequotas } from './policy.ts';
import type { Printer } from './printer.ts';
import { controllerrevisions, daemonsets, deployments, replicasets, statefulsets } from './workloads.ts';

const printers: Record<string, Printer> = {
  configmaps,
  endpoints,
  events,
  'events.events.k8s.io': events,
  limitranges,
  namespaces,
  nodes,
  pods,
  resourcequotas,
  secrets,
  serviceaccounts,
  services,
  'controllerrevisions.apps': controllerrevisions,
  'daemonsets.apps': daemonsets,
  'deployments.apps': deployments,
  'replicasets.apps': replicasets,
  'statefulsets.apps': statefulsets,
  'cronjobs.batch': cronjobs,
  'horizontalpodautoscalers.autoscaling': horizontalpodautoscalers,
  'jobs.batch': jobs,
  'poddisruptionbudgets.policy': poddisruptionbudgets,
  'leases.coordination.k8s.io': leases,
  'endpointslices.discovery.k8s.io': endpointslices,
  'ingressclasses.networking.k8s.io': ingressclasses,
  'ingresses.networking.k8s.io': ingresses,
  'networkpolicies.networking.k8s.io': networkpolicies,
  'roles.rbac.authorization.k8s.io': roles,
  'clusterroles.rbac.authorization.k8s.io': roles,
  'rolebindings.rbac.authorization.k8s.io': bindings,
  'clusterrolebindings.rbac.authorization.k8s.io': bindings,
};

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  include: IncludeObject;
  /** Wall time, ms. */
  now: number;
  /** False in a watch after its first event. */
  withColumns?: boolean;
  /** How an object is written in the version asked for. */
  present?(object: KubeObject): KubeObject;
}

/** `metadata` is the list's, or of a single object its resourceVersion. */
export function tableOf(
  resource: string,
  objects: readonly KubeObject[],
  metadata: Record<string, unknown>,
  { include, now, withColumns = true, present = (object) => object }: TableOptions,
): Record<string, unknown> {
  const printer = printers[resource] ?? plain;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withColumns ? printer.columns : null,
    rows: objects.map((object) => ({
      cells: printer.row(object, now),
      object: include === 'None' ? null : include === 'Object' ? present(object) : partialMetadata(object),
    })),
  };
}

export function partialMetadata(object: KubeObject): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
