/** Groups and versions in the real server's order. */
import { apiVersion, type Served } from './definition.ts';

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

/** Where a group stands: those of custom kinds before that of the metrics. */
function placeOf(group: string): number {
  const place = groupOrder.indexOf(group);
  return place >= 0 ? place : groupOrder.length - 1.5;
}

/** Every group version with its resources by name. */
export function groupVersionsOf(served: readonly Served[]): GroupVersion[] {
  return [...new Set(served.map(apiVersion))]
    .map((name) => {
      const resources = served
        .filter((resource) => apiVersion(resource) === name)
        .sort((a, b) => (a.plural < b.plural ? -1 : 1));
      return { group: resources[0]!.group, version: resources[0]!.version, resources };
    })
    .sort(
      (a, b) =>
        placeOf(a.group) - placeOf(b.group) ||
        (a.group === b.group ? rankOf(b.version) - rankOf(a.version) : a.group < b.group ? -1 : 1),
    );
}

/** v2 before v1 before v1beta2 before v1beta1 before v1alpha1 (apimachinery/pkg/version). */
function rankOf(version: string): number {
  const [, major = '0', stage, minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  const stages: Record<string, number> = { alpha: 1, beta: 2 };
  return (stage ? stages[stage]! : 3) * 1e6 + Number(major) * 1e3 + Number(minor);
}

/** The named groups in order, without the core one. */
export function groupsOf(versions: readonly GroupVersion[]): string[] {
  return [...new Set(versions.map(({ group }) => group))].filter(Boolean);
}

export const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
