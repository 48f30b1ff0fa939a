import { clusterSearches } from './resolver.ts';

/** What a name in the cluster's DNS stands for. */
export type ClusterName =
  | { kind: 'service'; name: string; namespace: string; hostname?: string }
  | { kind: 'pod'; ip: string };

const DOMAIN = 'cluster.local';

/**
 * The full names that are asked for when a pod says `host`, in the order of its search list (by default
 * `<namespace>.svc.cluster.local`, `svc.cluster.local`, `cluster.local`); a name with a final dot is taken as it stands.
 */
export function fullNames(
  host: string,
  namespace: string,
  searches: readonly string[] = clusterSearches(namespace),
): string[] {
  const name = host.toLowerCase();
  if (name.endsWith('.')) return [name.slice(0, -1)];
  return [...searches.map((search) => `${name}.${search}`), name];
}

/** What a full name stands for by the records of the cluster; undefined: for nothing. */
export function clusterName(name: string): ClusterName | undefined {
  if (!name.endsWith(`.${DOMAIN}`)) return undefined;
  const labels = name.slice(0, -DOMAIN.length - 1).split('.');
  const type = labels.pop();
  if (type === 'pod' && labels.length === 2) {
    const ip = labels[0]!.replaceAll('-', '.');
    return isIPv4(ip) ? { kind: 'pod', ip } : undefined;
  }
  if (type !== 'svc') return undefined;
  const namespace = labels.pop();
  const service = labels.pop();
  if (!namespace || !service || labels.length > 1) return undefined;
  return { kind: 'service', name: service, namespace, ...(labels[0] && { hostname: labels[0] }) };
}

export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}
