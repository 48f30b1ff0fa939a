import type { V1ServiceSpec } from '@kubernetes/client-node';
import type { KubeObject } from '../../../api.ts';
import { fallback } from '../../json.ts';
import { type Quantities, whole } from '../../pod-quantities.ts';
import { editable, proxy, status } from '../access.ts';
import type { HookContext, ResourceDefinition } from '../definition.ts';
import { validateServiceUpdate } from './addresses.ts';
import { proxyTarget } from './proxy.ts';
import { table } from './table.ts';
import { validateService } from './validation.ts';

/** Service addresses are taken from here; pods live in 10.244.0.0/16. */
const addressCount = 65_534;

const firstNodePort = 30_000;

const nodePortCount = 2768;

type ServiceSpec = V1ServiceSpec;

export const services: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Service',
  zeros: { omitted: ['V1ServicePort.nodePort', 'V1ServiceSpec.healthCheckNodePort'] },
  proxyTarget,
  quota: { usage: serviceUsage, changes: true },
  atomic: ['V1ServiceSpec.selector'],
  lists: {
    'V1ServiceSpec.ports': { merge: 'port', keys: ['port', 'protocol'] },
    'V1ServiceStatus.conditions': { merge: 'type' },
  },
  access: editable,
  createOnUpdate: true,
  storageVersionHash: '0/CO1lhkEBI=',
  hasStatus: true,
  nameRule: 'label',
  subresources: [proxy('ServiceProxyOptions'), status('Service')],
  setDefaults(service) {
    service.spec ??= {};
    const spec = service.spec;
    fallback(spec, 'sessionAffinity', 'None');
    fallback(spec, 'type', 'ClusterIP');
    if (spec.sessionAffinity === 'ClientIP' && !spec.sessionAffinityConfig?.clientIP?.timeoutSeconds) {
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800 } };
    }
    for (const port of spec.ports ?? []) {
      fallback(port, 'protocol', 'TCP');
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') {
        port.targetPort = port.port;
      }
    }
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
      fallback(spec, 'externalTrafficPolicy', 'Cluster');
    }
    if (spec.type === 'LoadBalancer') fallback(spec, 'allocateLoadBalancerNodePorts', true);
    if (spec.type !== 'ExternalName') fallback(spec, 'internalTrafficPolicy', 'Cluster');
  },
  prepareCreate(service) {
    service.status = { loadBalancer: {} };
  },
  admit: allocate,
  prepareUpdate(service, old, context) {
    service.status = old.status;
    keepAllocated(service.spec, old.spec);
    allocate(service, context);
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  fields: (service) => ({
    'spec.clusterIP': service.spec?.clusterIP ?? '',
    'spec.type': service.spec?.type ?? '',
  }),
  fieldNames: ['spec.clusterIP', 'spec.type'],
  table,
};

/** Addresses and node ports that an update leaves out stay as they were. */
function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (spec.type === 'ExternalName') return;
  if (old.type !== 'ExternalName' && !spec.clusterIP) {
    spec.clusterIP = old.clusterIP;
    spec.clusterIPs = old.clusterIPs;
  }
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') {
    for (const port of spec.ports ?? []) {
      const before = old.ports?.find((p) => p.port === port.port && p.protocol === port.protocol);
      // A port that was allotted goes when the type no longer needs it (dropTypeDependentFields).
      if (before?.nodePort === port.nodePort) delete port.nodePort;
    }
    return;
  }
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    const before = old.ports?.find((p) => p.port === port.port && p.protocol === port.protocol);
    if (before?.nodePort) port.nodePort = before.nodePort;
  }
}

function allocate(service: KubeObject, context: HookContext): void {
  const spec: ServiceSpec = service.spec;
  if (spec.type === 'ExternalName') return;
  const others = context.list('services').filter((other) => other.metadata.uid !== service.metadata.uid);
  if (!spec.clusterIP) spec.clusterIP = spec.clusterIPs?.[0] ?? freeAddress(others, context);
  spec.clusterIPs ??= [spec.clusterIP];
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return;
  const taken = new Set(others.flatMap((other) => portsOf(other)));
  for (const port of spec.ports ?? []) {
    if (!port.nodePort) port.nodePort = freeNodePort(taken, context);
    taken.add(port.nodePort);
  }
}

function portsOf(service: KubeObject): number[] {
  return ((service.spec?.ports ?? []) as { nodePort?: number }[]).flatMap((port) => port.nodePort ?? []);
}

function freeAddress(others: readonly KubeObject[], context: HookContext): string {
  const taken = new Set(others.map((other) => other.spec?.clusterIP));
  // The first addresses are kept for the services kubernetes (.1) and kube-dns (.10).
  const start = 256 + Math.floor(context.random() * (addressCount - 256));
  for (let step = 0; step < addressCount; step++) {
    const number = 1 + ((start + step) % addressCount);
    const address = `10.96.${number >> 8}.${number & 255}`;
    if (!taken.has(address)) return address;
  }
  throw new Error('no free service address in 10.96.0.0/16');
}

function freeNodePort(taken: Set<number>, context: HookContext): number {
  const start = Math.floor(context.random() * nodePortCount);
  for (let step = 0; step < nodePortCount; step++) {
    const port = firstNodePort + ((start + step) % nodePortCount);
    if (!taken.has(port)) return port;
  }
  throw new Error('no free node port in 30000-32767');
}

function serviceUsage({ spec }: KubeObject): Quantities {
  const isBalanced = spec.type === 'LoadBalancer';
  const hasNodePorts =
    spec.type === 'NodePort' || (isBalanced && spec.allocateLoadBalancerNodePorts !== false);
  return new Map([
    ['services', whole(1)],
    ['services.nodeports', whole(hasNodePorts ? (spec.ports ?? []).length : 0)],
    ['services.loadbalancers', whole(isBalanced ? 1 : 0)],
  ]);
}
