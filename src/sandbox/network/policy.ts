import type { V1NetworkPolicyPeer, V1NetworkPolicyPort, V1NetworkPolicySpec } from '@kubernetes/client-node';
import type { Filled, Json } from '../../kubernetes.ts';
import type { Link } from '../api.ts';
import { matchesSelector } from '../controllers/selector.ts';
import { parseCidr } from './cidr.ts';

export type Protocol = 'TCP' | 'UDP';

/** One end of a connection. */
export interface End {
  ip: string;
  /** Absent for what is no pod: the API server, an address outside. */
  pod?: PolicyPod;
}

export interface PolicyPod {
  namespace: string;
  labels: Record<string, string>;
  namespaceLabels: Record<string, string>;
  /** The ports that its containers declare. */
  ports: readonly { name?: string; containerPort: number; protocol?: string }[];
}

/** A connection that is about to be opened; `to` and `port` are behind the Service, as a CNI sees them. */
export interface Connection {
  from: End;
  to: End;
  port: number;
  protocol: Protocol;
}

export interface NetworkPolicy {
  metadata: { namespace?: string };
  spec: Filled<Json<V1NetworkPolicySpec>, 'podSelector' | 'policyTypes'>;
}

/** One that lets everything be as it is, and disturbs what its egress rules list. */
export interface ShapingPolicy extends NetworkPolicy {
  link: Link;
}

/** Annotations of the sandbox's own, and how their values are written. */
export const shapingAnnotations = {
  'shaping.network/delay': { form: /^\d{1,6}ms$/, means: 'milliseconds, for example 300ms' },
  'shaping.network/jitter': { form: /^\d{1,6}ms$/, means: 'milliseconds, for example 50ms' },
  'shaping.network/loss': {
    form: /^(100|\d{1,2}(\.\d+)?)%$/,
    means: 'a share of the packets, for example 20%',
  },
} as const;

/** What the annotations of a NetworkPolicy say of shaping; undefined: it is one as everywhere. */
export function linkIn(annotations: Record<string, string> = {}): Link | undefined {
  const [delay, jitter, loss] = Object.keys(shapingAnnotations).map((key) => annotations[key]);
  if ((delay ?? jitter ?? loss) === undefined) return undefined;
  const amount = (text = '0') => Number.parseFloat(text);
  return { delayMs: amount(delay), jitterMs: amount(jitter), loss: amount(loss) / 100 };
}

/** What happens to a connection by all policies that list it: one link behind the other. */
export function linkBetween(policies: readonly ShapingPolicy[], connection: Connection): Link | undefined {
  const { pod } = connection.from;
  const links = policies
    .filter((policy) => pod && selects(policy, pod) && lists(policy, 'Egress', connection))
    .map(({ link }) => link);
  if (links.length === 0) return undefined;
  return links.reduce((one, other) => ({
    delayMs: one.delayMs + other.delayMs,
    jitterMs: one.jitterMs + other.jitterMs,
    loss: 1 - (1 - one.loss) * (1 - other.loss),
  }));
}

type Peer = V1NetworkPolicyPeer;

type Port = V1NetworkPolicyPort;

/**
 * Whether NetworkPolicies let a connection pass. A pod is isolated for a direction when a policy that selects it is
 * of that type; then only what one of these policies lists is allowed. Both ends must allow it: the source its egress,
 * the destination its ingress (Kubernetes' documentation, Concepts, Network Policies). A pod always reaches itself.
 */
export function allows(policies: readonly NetworkPolicy[], connection: Connection): boolean {
  const { from, to } = connection;
  if (from.ip === to.ip) return true;
  return passes(policies, connection, 'Egress', from) && passes(policies, connection, 'Ingress', to);
}

function passes(
  policies: readonly NetworkPolicy[],
  connection: Connection,
  direction: 'Ingress' | 'Egress',
  { pod }: End,
): boolean {
  if (!pod) return true;
  const isolating = policies.filter(
    (policy) => policy.spec.policyTypes.includes(direction) && selects(policy, pod),
  );
  return isolating.length === 0 || isolating.some((policy) => lists(policy, direction, connection));
}

function selects({ metadata, spec }: NetworkPolicy, pod: PolicyPod): boolean {
  return metadata.namespace === pod.namespace && matchesSelector(spec.podSelector, pod.labels);
}

/** Whether one of its rules for this direction is about the connection. */
function lists(
  { metadata: { namespace = '' }, spec }: NetworkPolicy,
  direction: 'Ingress' | 'Egress',
  connection: Connection,
): boolean {
  const other = direction === 'Ingress' ? connection.from : connection.to;
  const rules =
    direction === 'Ingress'
      ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
      : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
  return rules.some(({ peers, ports }) => {
    const fromPeer = !peers?.length || peers.some((peer) => matchesPeer(peer, other, namespace));
    return fromPeer && (!ports?.length || ports.some((port) => matchesPort(port, connection)));
  });
}

/** A podSelector alone means the policy's own namespace; together with a namespaceSelector both must hold. */
function matchesPeer(
  { podSelector, namespaceSelector, ipBlock }: Peer,
  end: End,
  namespace: string,
): boolean {
  if (ipBlock) return inBlock(ipBlock, end.ip);
  const { pod } = end;
  if (!pod) return false;
  const inNamespace = namespaceSelector
    ? matchesSelector(namespaceSelector, pod.namespaceLabels)
    : pod.namespace === namespace;
  return inNamespace && (!podSelector || matchesSelector(podSelector, pod.labels));
}

function inBlock({ cidr, except = [] }: NonNullable<Peer['ipBlock']>, ip: string): boolean {
  const inside = (text: string): boolean => parseCidr(text)?.contains(ip) ?? false;
  return inside(cidr) && !except.some(inside);
}

/** A name is one of the destination's own ports. */
function matchesPort(
  { protocol = 'TCP', port, endPort }: Port,
  { to, port: actual, protocol: used }: Connection,
): boolean {
  if (protocol !== used) return false;
  if (port === undefined) return true;
  if (typeof port === 'number') return actual >= port && actual <= (endPort ?? port);
  return (to.pod?.ports ?? []).some(
    (declared) =>
      declared.name === port && declared.containerPort === actual && (declared.protocol ?? 'TCP') === used,
  );
}
