import { randomBytes } from 'node:crypto';
import type { Server } from 'node:net';
import type { Api, KubeObject, Link, Lookup, Network, Route } from '../api.ts';
import { API_PORT, openApi, type WallSockets } from '../wall/relay.ts';
import { PodAddresses } from './addresses.ts';
import { ClusterDns } from './cluster-dns.ts';
import { openConnection } from './connection.ts';
import { ControlServer } from './control.ts';
import { clusterName, fullNames, isIPv4 } from './dns-names.ts';
import {
  dropped,
  linuxTimeouts,
  type NetworkTimeouts,
  refused,
  unanswered,
  unknownName,
  unreachable,
} from './failures.ts';
import { get } from './http.ts';
import { isLoopback, Listeners } from './listeners.ts';
import { Policies } from './policies.ts';
import type { Admission } from './protocol.ts';
import { CLUSTER_DNS, NODE_DNS } from './resolver.ts';
import type { SealKey } from './seal.ts';
import { Services } from './services.ts';

export interface NetworkOptions {
  api: Api;
  nodes: readonly string[];
  /** Path of the unix socket that containers ask; shorter than 104 bytes. */
  socket: string;
  /** Where the pods run behind the second wall: the sockets that lead through it. */
  wall?: WallSockets;
  /** In [0, 1): which of the ready endpoints gets a connection. */
  random?: () => number;
  /** Default: Linux' own. */
  timeouts?: NetworkTimeouts;
}

/** The network as main.ts and the kubelet see it. */
export interface SandboxNetwork extends Network {
  /** Lets a container of this pod ask the network. */
  admit(podUid: string): Admission;
  dismiss(name: string): void;
  /** Makes the API server reachable from pods at a virtual address. */
  publish(ip: string, port: number, realPort: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts the pod network; resolves when containers can ask it. */
export async function startNetwork(options: NetworkOptions): Promise<SandboxNetwork> {
  const { api } = options;
  const random = options.random ?? Math.random;
  const addresses = new PodAddresses(options.nodes);
  const listeners = new Listeners();
  const services = new Services(api);
  const dns = new ClusterDns(api);
  const { wall } = options;
  let published: { at: string; real: number } | undefined;
  let gate: Server | undefined;
  const timeouts = options.timeouts ?? linuxTimeouts;
  const policies = new Policies(api);

  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const local = (port: number, podUid?: string, link?: Link): Route => ({
    kind: 'local',
    address: '127.0.0.1',
    port,
    ...(podUid && { podUid }),
    ...(link && { link }),
  });

  /** The control plane and the node itself are never kept out, so that probes pass. */
  function isAllowed(from: string | undefined, ip: string, port: number): boolean {
    if (from === undefined) return true;
    return policies.allow(end(from), { ...end(ip), port });
  }

  const end = (ip: string): { ip: string; podUid?: string } => {
    const podUid = addresses.podOf(ip);
    return podUid === undefined ? { ip } : { ip, podUid };
  };

  function toPod(ip: string, port: number, from: string | undefined): Route {
    if (!isAllowed(from, ip, port)) return dropped(timeouts);
    const podUid = addresses.podOf(ip);
    if (!podUid) return unreachable(timeouts);
    const listener = listeners.find(podUid, port, false);
    if (listener) return local(listener.real, podUid, linkTo(ip, port, from));
    return from === ip ? toSelf(podUid, port) : refused;
  }

  function linkTo(ip: string, port: number, from: string | undefined): Link | undefined {
    return from === undefined || from === ip ? undefined : policies.link(end(from), { ...end(ip), port });
  }

  /** What is disturbed of a pod's connections: the ones that it has, and any that it could have. */
  function linksOf(podUid: string): [number, Link][] {
    return listeners.all().flatMap(([to, { port, real }]): [number, Link][] => {
      const ip = addressOf(to);
      const link = ip === undefined ? undefined : linkTo(ip, port, addressOf(podUid));
      return link ? [[real, link]] : [];
    });
  }

  function toSelf(podUid: string, port: number): Route {
    const listener = listeners.find(podUid, port, true);
    return listener ? local(listener.real, podUid) : refused;
  }

  /** kube-proxy rejects connections to a service without endpoints; an unknown port goes nowhere. */
  function toService(service: KubeObject, port: number, from: string | undefined): Route {
    const endpoint = pick(services.ready(service, port));
    return endpoint ? toPod(endpoint.ip, endpoint.port, from) : refused;
  }

  function toIP(ip: string, port: number, from: string | undefined): Route {
    if (published?.at === `${ip}:${port}`) {
      return isAllowed(from, ip, port) ? local(published.real) : dropped(timeouts);
    }
    const service = services.withIP(ip);
    return service ? toService(service, port, from) : toPod(ip, port, from);
  }

  function lookup(from: string | undefined, host: string): Lookup {
    if (host === 'localhost') return { addresses: ['127.0.0.1'] };
    if (isIPv4(host)) return { addresses: [host] };
    const podUid = from === undefined ? undefined : addresses.podOf(from);
    const namespace = (podUid && policies.namespaceOf(podUid)) ?? 'default';
    const resolver = podUid === undefined ? undefined : policies.resolverOf(podUid);
    const servers = resolver?.nameservers ?? [CLUSTER_DNS];
    if (!servers.includes(CLUSTER_DNS) && servers.includes(NODE_DNS)) return { addresses: [] };
    if (!servers.includes(CLUSTER_DNS) || (from !== undefined && !policies.allowDns(end(from)))) {
      return { addresses: [], unansweredMs: timeouts.unanswered };
    }
    for (const name of fullNames(host, namespace, resolver?.searches)) {
      const answer = dns.answer(name);
      if ('code' in answer && answer.code === 'SERVFAIL') return { addresses: [], unansweredMs: 0 };
      const found =
        'addresses' in answer ? answer.addresses : 'cluster' in answer ? addressesOf(answer.cluster) : [];
      if (found.length > 0) return { addresses: found };
    }
    return { addresses: [] };
  }

  function addressesOf(full: string): string[] {
    const name = clusterName(full);
    if (!name) return [];
    if (name.kind === 'pod') return [name.ip];
    const service = services.get(name.namespace, name.name);
    if (!service || service.spec?.type === 'ExternalName') return [];
    if (service.spec?.clusterIP === 'None' || name.hostname)
      return services.readyAddresses(service, name.hostname);
    return service.spec?.clusterIP ? [service.spec.clusterIP as string] : [];
  }

  function resolve(from: string | undefined, host: string, port: number): { route: Route; ip?: string } {
    const name = host.replace(/^\[|\]$/g, '');
    const self = from === undefined ? undefined : addresses.podOf(from);
    if (isLoopback(name) || name === '0.0.0.0' || name === '::') {
      return { route: self ? toSelf(self, port) : refused, ip: '127.0.0.1' };
    }
    const { addresses: found, unansweredMs } = lookup(from, name);
    const ip = pick(found);
    if (ip !== undefined) return { route: toIP(ip, port, from), ip };
    return { route: unansweredMs === undefined ? unknownName : unanswered(timeouts) };
  }

  const control = new ControlServer(options.socket, {
    listen: (podUid, listener) => listeners.add(podUid, listener),
    unlisten: (podUid, real) => listeners.remove(podUid, real),
    route: (podUid, host, port) => {
      const resolved = resolve(addressOf(podUid), host, port);
      const { route } = resolved;
      // Pods behind the wall reach each other there; what is in front of it is at the relay's port.
      if (!wall || route.kind === 'failed' || route.podUid) return resolved;
      return { ...resolved, route: local(API_PORT) };
    },
    lookup: (podUid, host) => lookup(addressOf(podUid), host),
  });
  await control.listening;
  policies.onLinks = () => control.tell(linksOf);
  const addressByPod = new Map<string, string>();
  const addressOf = (podUid: string): string | undefined => addressByPod.get(podUid);

  const network: SandboxNetwork = {
    allocatePodIP: (node, podUid) => {
      const ip = addresses.allocate(node, podUid);
      addressByPod.set(podUid, ip);
      return ip;
    },
    releasePodIP: (podUid) => {
      addresses.release(podUid);
      addressByPod.delete(podUid);
    },
    resolve: async (from, host, port) => resolve(from, host, port).route,
    lookup,
    fetch: (host, port, path, request = {}) =>
      get((signal) => network.connect(host, port, request.from, signal), { host, port, path, ...request }),
    connect: (host, port, from, signal) =>
      openConnection(resolve(from, host, port), host, port, { wall, signal }),
    admit: (podUid) => {
      const name = randomBytes(8).toString('hex');
      const key = [...new Uint32Array(randomBytes(16).buffer.slice(0, 16))] as unknown as SealKey;
      control.admit(name, key, podUid);
      return { socket: options.socket, name, key };
    },
    dismiss: (name) => control.dismiss(name),
    publish: async (ip, port, realPort) => {
      published = { at: `${ip}:${port}`, real: realPort };
      if (wall) gate = await openApi(wall.api, realPort);
    },
    close: async () => {
      policies.close();
      services.close();
      dns.close();
      gate?.close();
      await control.close();
    },
  };
  return network;
}
