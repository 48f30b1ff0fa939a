import type { V1ResourceFieldSelector } from '@kubernetes/client-node';
import { quantityNumber } from '../../../quantity.ts';
import type { Pod } from './pod-types.ts';

/** The value of a pod's field as the downward API gives it; undefined for a path that it does not offer. */
export function podField(
  pod: Pod,
  path: string,
  runtime: { podIP: string; hostIP: string },
): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace;
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'metadata.labels':
      return pairs(pod.metadata.labels);
    case 'metadata.annotations':
      return pairs(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec.nodeName;
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? 'default';
    case 'status.hostIP':
    case 'status.hostIPs':
      return runtime.hostIP;
    case 'status.podIP':
    case 'status.podIPs':
      return runtime.podIP;
    default:
      return undefined;
  }
}

function pairs(map: Record<string, string> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** Without a limit a container may use what its node has. */
export const NODE_CPU = 4;
export const NODE_MEMORY = 8 * 2 ** 30;

/** A container's request or limit in units of the divisor, rounded up. */
export function resourceField(pod: Pod, container: string, selector: V1ResourceFieldSelector): string {
  const name = selector.containerName ?? container;
  const owner = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((it) => it.name === name);
  const [list = '', resource = ''] = selector.resource.split('.', 2);
  const limits = owner?.resources?.limits?.[resource];
  const given = list === 'requests' ? owner?.resources?.requests?.[resource] : limits;
  const whole = resource === 'cpu' ? NODE_CPU : resource === 'memory' ? NODE_MEMORY : 0;
  const value = quantityNumber(given) ?? (list === 'limits' ? whole : (quantityNumber(limits) ?? 0));
  const divisor = quantityNumber(selector.divisor) || 1;
  return String(Math.ceil(value / divisor - 1e-9));
}
