import type { V1PodSpec } from '@kubernetes/client-node';
import type { Api, KubeObject, Link } from '../api.ts';
import {
  allows,
  type End,
  linkBetween,
  linkIn,
  type NetworkPolicy,
  type PolicyPod,
  type Protocol,
  type ShapingPolicy,
} from './policy.ts';
import { CLUSTER_DNS, type Resolver, resolverOf } from './resolver.ts';

/** The cluster's DNS as policies see it: it answers inside the sandbox, but is selected as a pod of kube-system. */
const DNS = { ip: CLUSTER_DNS, namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };

/** NetworkPolicies and what their selectors look at, kept up to date. */
export class Policies {
  /** Called when other connections are disturbed than before, or in another way. */
  onLinks: () => void = () => undefined;
  private readonly policies = new Map<string, NetworkPolicy>();
  private readonly shaping = new Map<string, ShapingPolicy>();
  private readonly pods = new Map<string, KubeObject>();
  private readonly namespaceLabels = new Map<string, Record<string, string>>();
  private readonly stops: (() => void)[];

  constructor(api: Api) {
    this.stops = [
      api.watch('networkpolicies.networking.k8s.io', ({ type, object }) => {
        const { uid, annotations } = object.metadata;
        const policy = object as unknown as NetworkPolicy;
        const link = type === 'DELETED' ? undefined : linkIn(annotations);
        this.policies.delete(uid);
        const wasShaping = this.shaping.delete(uid);
        if (link) this.shaping.set(uid, { ...policy, link });
        else if (type !== 'DELETED') this.policies.set(uid, policy);
        if (link || wasShaping) this.onLinks();
      }),
      api.watch('namespaces', ({ type, object }) => {
        if (type === 'DELETED') this.namespaceLabels.delete(object.metadata.name);
        else this.namespaceLabels.set(object.metadata.name, object.metadata.labels ?? {});
      }),
      api.watch('pods', ({ type, object }) => {
        if (type === 'DELETED') this.pods.delete(object.metadata.uid);
        else this.pods.set(object.metadata.uid, object);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  /** The namespace of a pod, by its UID. */
  namespaceOf(podUid: string): string | undefined {
    return this.pods.get(podUid)?.metadata.namespace;
  }

  /** How a pod resolves names; undefined for what is no pod. */
  resolverOf(podUid: string): Resolver | undefined {
    const pod = this.pods.get(podUid);
    return pod && resolverOf(pod.metadata.namespace ?? 'default', pod.spec as V1PodSpec);
  }

  /** Whether a pod may connect; a UID is absent for what is no pod. */
  allow(from: { ip: string; podUid?: string }, to: { ip: string; podUid?: string; port: number }): boolean {
    return this.check(this.end(from), this.end(to), to.port, 'TCP');
  }

  /** What disturbs the connections from one pod to a port of another; undefined: nothing. */
  link(
    from: { ip: string; podUid?: string },
    to: { ip: string; podUid?: string; port: number },
  ): Link | undefined {
    if (this.shaping.size === 0) return undefined;
    const connection = { from: this.end(from), to: this.end(to), port: to.port, protocol: 'TCP' as const };
    return linkBetween([...this.shaping.values()], connection);
  }

  /** Whether a pod may ask the DNS: by UDP, or when that is cut by TCP. */
  allowDns(from: { ip: string; podUid?: string }): boolean {
    const { ip, namespace, labels } = DNS;
    const namespaceLabels = this.namespaceLabels.get(namespace) ?? {};
    const ports = [
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
    ];
    const to = { ip, pod: { namespace, labels, namespaceLabels, ports } };
    return this.check(this.end(from), to, 53, 'UDP') || this.check(this.end(from), to, 53, 'TCP');
  }

  private check(from: End, to: End, port: number, protocol: Protocol): boolean {
    if (this.policies.size === 0) return true;
    return allows([...this.policies.values()], { from, to, port, protocol });
  }

  private end({ ip, podUid }: { ip: string; podUid?: string }): End {
    const object = podUid === undefined ? undefined : this.pods.get(podUid);
    return object ? { ip, pod: this.describe(object) } : { ip };
  }

  private describe({ metadata, spec }: KubeObject): PolicyPod {
    const { namespace = '', labels = {} } = metadata;
    const containers: { ports?: PolicyPod['ports'] }[] = [...spec.containers, ...(spec.initContainers ?? [])];
    const ports = containers.flatMap((container) => container.ports ?? []);
    return { namespace, labels, namespaceLabels: this.namespaceLabels.get(namespace) ?? {}, ports };
  }
}
