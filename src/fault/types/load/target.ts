import type { V1ServicePort, V1ServiceSpec } from '@kubernetes/client-node';
import type { Cluster, ClusterObject, PermissionNeed, Ref } from '../../../cluster/cluster.ts';
import { ClusterError } from '../../../cluster/cluster-error.ts';
import { formatRef } from '../../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';

/** What a Service sends requests to. */
interface Behind {
  addresses: Address[];
  /** Of the Service's port, as the endpoints have it. */
  ports: Set<number>;
  /** Addresses of the pods of its namespace. */
  pods: Set<string>;
}

interface Address {
  address: string;
  /** The slice that it is in: `endpointslice/shop/checkout-x7k2p`. */
  from: string;
}

/** Throws MisfortuneError `target-outside` for a Service without pods of its own. */
export function assertOwnPods(ref: Ref, { spec }: ClusterObject): void {
  const { type, selector, externalName } = spec as V1ServiceSpec;
  if (type === 'ExternalName') throw outside(`${named(ref)} is another name for ${externalName}`);
  if (!selector || Object.keys(selector).length === 0)
    throw outside(`${named(ref)} has no selector, and so no pods of its own`);
}

/**
 * The port on which the Service's pods are reached under its name. Everything behind it has to be a pod of its
 * namespace, whether it is ready or not: endpoints may be written by hand, and lead anywhere.
 * @throws MisfortuneError `target-outside`, `target-without-pods`, `untranslated-port`
 */
export async function reachablePort(
  ref: Ref,
  service: ClusterObject,
  port: V1ServicePort,
  cluster: Pick<Cluster, 'list'>,
): Promise<number> {
  const { selector, clusterIP } = service.spec as { selector: Record<string, string>; clusterIP?: string };
  const found = await behind(ref, port, cluster);
  // Preflight says which permission is missing.
  if (!found) return port.port;
  const { addresses, ports, pods } = found;
  const stranger = addresses.find(({ address }) => !pods.has(address));
  if (stranger)
    throw outside(
      `${named(ref)} sends requests to ${stranger.address} too (${stranger.from}), which is no pod of ${ref.namespace}`,
    );
  if (addresses.length === 0)
    throw new MisfortuneError(
      'target-without-pods',
      `${named(ref)} has no pod behind it: its selector ${Object.entries(selector)
        .map(([key, value]) => `${key}=${value}`)
        .join(',')} finds none.`,
      { todo: 'Correct the selector, or choose a Service that has pods.', exitCode: exitCodes.refused },
    );
  if (clusterIP !== 'None') return port.port;
  // Without an address of its own nothing translates: its name leads to the pods.
  const [only, ...others] = ports;
  if (only !== undefined && others.length === 0) return only;
  throw new MisfortuneError(
    'untranslated-port',
    `${named(ref)} is headless: it does not translate port ${port.port}, and its pods have ${ports.size === 0 ? 'no port' : [...ports].join(' and ')} for it.`,
    { todo: 'Choose another port, or a Service with an address of its own.', exitCode: exitCodes.refused },
  );
}

/** What is read to know what is behind it. */
export function targetNeeds({ namespace }: Ref): PermissionNeed[] {
  return [
    { verbs: ['list'], kind: 'endpointslice', group: 'discovery.k8s.io', namespace },
    { verbs: ['list'], kind: 'pod', namespace },
  ];
}

/**
 * From all EndpointSlices, also those that somebody wrote by hand; undefined: they may not be read. The Endpoints of a Service
 * with a selector are its controller's, which undoes what others write.
 */
async function behind(
  ref: Ref,
  port: V1ServicePort,
  cluster: Pick<Cluster, 'list'>,
): Promise<Behind | undefined> {
  try {
    return await readBehind(ref, port, cluster);
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return undefined;
    throw error;
  }
}

async function readBehind(
  { namespace = 'default', name }: Ref,
  port: V1ServicePort,
  cluster: Pick<Cluster, 'list'>,
): Promise<Behind> {
  const labelSelector = `kubernetes.io/service-name=${name}`;
  const kind = { kind: 'endpointslices', group: 'discovery.k8s.io' };
  const slices = await cluster.list(kind, { namespace, labelSelector });
  const found: Behind = { addresses: [], ports: new Set(), pods: new Set() };
  for (const pod of await cluster.list({ kind: 'pods' }, { namespace }))
    for (const ip of addressesOf(pod)) found.pods.add(ip);
  const addPorts = (ports: unknown) => {
    for (const each of (ports ?? []) as { name?: string; port?: number }[])
      if ((each.name ?? '') === (port.name ?? '') && each.port !== undefined) found.ports.add(each.port);
  };
  for (const slice of slices) {
    const from = formatRef({ kind: 'endpointslice', namespace, name: slice.metadata.name });
    for (const { addresses = [] } of (slice.endpoints ?? []) as { addresses?: string[] }[])
      found.addresses.push(...addresses.map((address) => ({ address, from })));
    addPorts(slice.ports);
  }
  return found;
}

function addressesOf({ status }: ClusterObject): string[] {
  const { podIP, podIPs = [] } = (status ?? {}) as { podIP?: string; podIPs?: { ip: string }[] };
  return [...(podIP === undefined ? [] : [podIP]), ...podIPs.map(({ ip }) => ip)];
}

function named(ref: Ref): string {
  return `The target ${formatRef(ref)}`;
}

function outside(why: string): MisfortuneError {
  return new MisfortuneError('target-outside', `${why}: it may lead out of the cluster.`, {
    todo: 'Choose a Service with a selector, behind which are pods of its namespace only.',
    exitCode: exitCodes.refused,
  });
}
