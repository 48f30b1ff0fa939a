import type { V1PodSpec } from '@kubernetes/client-node';

/** What a pod's /etc/resolv.conf says. */
export interface Resolver {
  nameservers: string[];
  searches: string[];
  /** e.g. `ndots:5` */
  options: string[];
}

/** Answers within the sandbox; what else a pod may name as its server answers nothing. */
export const CLUSTER_DNS = '10.96.0.10';
/** The name server of the nodes: it knows nothing of the cluster, and nothing outside can be reached. */
export const NODE_DNS = '192.168.49.1';
const DOMAIN = 'cluster.local';
/** As many servers as libc asks (resolv.conf(5)). */
const MOST_SERVERS = 3;

/**
 * The name servers and search list of a pod by its dnsPolicy and dnsConfig:
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
 */
export function resolverOf(namespace: string, spec: V1PodSpec): Resolver {
  const { dnsPolicy = 'ClusterFirst', dnsConfig = {} } = spec;
  const base = basisOf(spec.hostNetwork && dnsPolicy === 'ClusterFirst' ? 'Default' : dnsPolicy, namespace);
  const given = (dnsConfig.options ?? []).map(({ name, value }) =>
    value ? `${name}:${value}` : (name ?? ''),
  );
  const named = new Set(given.map((option) => option.split(':')[0]));
  return {
    nameservers: unique([...base.nameservers, ...(dnsConfig.nameservers ?? [])]).slice(0, MOST_SERVERS),
    searches: unique([...base.searches, ...(dnsConfig.searches ?? [])]),
    options: [...base.options.filter((option) => !named.has(option.split(':')[0])), ...given],
  };
}

export function clusterSearches(namespace: string): string[] {
  return [`${namespace}.svc.${DOMAIN}`, `svc.${DOMAIN}`, DOMAIN];
}

function basisOf(policy: string, namespace: string): Resolver {
  if (policy === 'None') return { nameservers: [], searches: [], options: [] };
  if (policy === 'Default') return { nameservers: [NODE_DNS], searches: [], options: [] };
  return { nameservers: [CLUSTER_DNS], searches: clusterSearches(namespace), options: ['ndots:5'] };
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)];
}

export function resolvConf({ nameservers, searches, options }: Resolver): string {
  const lines = [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
