/** Rules of Services (pkg/apis/core/validation: ValidateService). */
import type { V1ServicePort } from '@kubernetes/client-node';
import type { Filled } from '../../../../kubernetes.ts';
import type { KubeObject } from '../../../api.ts';
import type { FieldError } from '../../status.ts';
import { address, addressRange, reachableAddress } from '../../validation/addresses.ts';
import { validateLabels } from '../../validation/meta.ts';
import {
  dnsLabel,
  dnsSubdomain,
  duplicate,
  forbiddenValue,
  invalidValue,
  oneOf,
  portNumber,
  portNumberOrName,
  qualifiedName,
  required,
} from '../../validation/rules.ts';
import type { HookContext } from '../definition.ts';
import { unconfigured, validateAddresses } from './addresses.ts';

type Port = Filled<V1ServicePort, 'targetPort'>;

type Others = Pick<HookContext, 'list'>;

/** In the order of the real server; what is taken is asked for when nothing else is wrong. */
export function validateService(service: KubeObject, context: Others): FieldError[] {
  const { spec } = service;
  const ports: Port[] = spec.ports ?? [];
  const isHeadless = spec.clusterIP === 'None';
  const errors = [
    ...(ports.length === 0 && !isHeadless && spec.type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...validateType(spec),
    ...validatePorts(ports),
    ...validateLabels('spec.selector', spec.selector),
    ...validateAffinity(spec),
    ...validateAddresses(spec),
    ...((spec.externalIPs ?? []) as string[]).flatMap((ip, index) => externalAddress(ip, index)),
    ...oneOf('spec.type', spec.type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']),
    ...validateNodePorts(spec.type, ports),
    ...duplicatePorts(ports),
    ...validateBalancer(spec),
    ...validateTraffic(spec),
  ];
  if (errors.length > 0) return errors;
  const unfit = [...outOfRange(spec, ports), ...unconfigured(spec)];
  return unfit.length > 0 ? unfit : taken(service, ports, context);
}

/** What goes with each type. */
function validateType(spec: KubeObject['spec']): FieldError[] {
  const { type } = spec;
  if (type === 'LoadBalancer' || type === 'NodePort') {
    const why = `may not be set to 'None' for ${type} services`;
    return spec.clusterIP === 'None' ? [invalidValue('spec.clusterIPs[0]', 'None', why)] : [];
  }
  if (type !== 'ExternalName') return [];
  const name = String(spec.externalName ?? '').replace(/\.$/, '');
  return [
    ...['clusterIPs', 'ipFamilies', 'ipFamilyPolicy']
      .filter((field) => spec[field]?.length)
      .map((field) => forbiddenValue(`spec.${field}`, 'may not be set for ExternalName services')),
    ...(name ? dnsSubdomain('spec.externalName', name) : [required('spec.externalName')]),
  ];
}

const LONGEST_AFFINITY_SECONDS = 86_400;

function validateAffinity({
  sessionAffinity,
  sessionAffinityConfig: config,
}: KubeObject['spec']): FieldError[] {
  const field = 'spec.sessionAffinityConfig';
  const errors = oneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']);
  if (sessionAffinity === 'None' && config) {
    return [...errors, forbiddenValue(field, 'must not be set when session affinity is None')];
  }
  const seconds: number = config?.clientIP?.timeoutSeconds;
  if (sessionAffinity !== 'ClientIP' || (seconds > 0 && seconds <= LONGEST_AFFINITY_SECONDS)) return errors;
  const why = `must be greater than 0 and less than ${LONGEST_AFFINITY_SECONDS}`;
  return [...errors, invalidValue(`${field}.clientIP.timeoutSeconds`, seconds, why)];
}

function externalAddress(ip: string, index: number): FieldError[] {
  const field = `spec.externalIPs[${index}]`;
  const errors = address(field, ip);
  return errors.length > 0 ? errors : reachableAddress(field, ip);
}

/** Ports on the nodes: none for a ClusterIP, and none twice. */
function validateNodePorts(type: string, ports: Port[]): FieldError[] {
  const field = (index: number) => `spec.ports[${index}].nodePort`;
  const why = "may not be used when `type` is 'ClusterIP'";
  const seen = new Set<string>();
  return [
    ...ports.flatMap(({ nodePort }, index) =>
      nodePort && type === 'ClusterIP' ? [forbiddenValue(field(index), why)] : [],
    ),
    ...ports.flatMap(({ nodePort, protocol }, index) => {
      const key = `${protocol}/${nodePort}`;
      const isAgain = nodePort && seen.has(key);
      seen.add(key);
      return isAgain ? [duplicate(field(index), nodePort)] : [];
    }),
  ];
}

/** What only a load balancer has. */
function validateBalancer(spec: KubeObject['spec']): FieldError[] {
  const only = "may only be used when `type` is 'LoadBalancer'";
  const isBalanced = spec.type === 'LoadBalancer';
  const ranges: string[] = spec.loadBalancerSourceRanges ?? [];
  // The real server writes this field with a capital.
  const field = 'spec.LoadBalancerSourceRanges';
  const { loadBalancerClass: name } = spec;
  const elsewhere = (at: string) => (isBalanced ? [] : [forbiddenValue(at, only)]);
  return [
    ...(ranges.length > 0 ? elsewhere(field) : []),
    ...ranges.flatMap((range, index) => addressRange(`${field}[${index}]`, range.trim())),
    ...(spec.allocateLoadBalancerNodePorts === undefined
      ? []
      : elsewhere('spec.allocateLoadBalancerNodePorts')),
    ...(name === undefined ? [] : elsewhere('spec.loadBalancerClass')),
    ...(isBalanced && name !== undefined ? qualifiedName('spec.loadBalancerClass', name) : []),
  ];
}

const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];

/** Which endpoints traffic goes to. */
function validateTraffic(spec: KubeObject['spec']): FieldError[] {
  const { type, externalTrafficPolicy: external, healthCheckNodePort: check } = spec;
  const { internalTrafficPolicy: internal, trafficDistribution: distribution } = spec;
  const policies = ['Cluster', 'Local'];
  const isOutside =
    type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && spec.externalIPs?.length);
  const hidden = 'may only be set for externally-accessible services';
  const needsCheck = type === 'LoadBalancer' && external === 'Local';
  const unchecked = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  return [
    ...(external && !isOutside ? [invalidValue('spec.externalTrafficPolicy', external, hidden)] : []),
    ...(isOutside ? oneOf('spec.externalTrafficPolicy', external, policies) : []),
    ...(check && !needsCheck ? [invalidValue('spec.healthCheckNodePort', check, unchecked)] : []),
    ...(check && needsCheck ? portNumber('spec.healthCheckNodePort', check) : []),
    ...(internal === undefined ? [] : oneOf('spec.internalTrafficPolicy', internal, policies)),
    ...(distribution === undefined ? [] : oneOf('spec.trafficDistribution', distribution, distributions)),
  ];
}

/** An address and a port on the nodes belong to one Service only. */
function taken({ metadata, spec }: KubeObject, ports: Port[], { list }: Others): FieldError[] {
  const others = list('services').filter((other) => other.metadata.uid !== metadata.uid);
  const errors: FieldError[] = [];
  const address: string | undefined = spec.type === 'ExternalName' ? undefined : spec.clusterIP;
  if (address && address !== 'None' && others.some((other) => other.spec.clusterIP === address)) {
    const why = `failed to allocate IP ${address}: provided IP is already allocated`;
    errors.push(invalidValue('spec.clusterIPs[0]', spec.clusterIPs, why));
  }
  const used = new Set(
    others.flatMap((other) => ((other.spec.ports ?? []) as Port[]).map(({ nodePort }) => nodePort)),
  );
  for (const [index, { nodePort }] of ports.entries()) {
    if (!nodePort || !used.has(nodePort)) continue;
    const why = 'provided port is already allocated';
    errors.push(invalidValue(`spec.ports[${index}].nodePort`, nodePort, why));
  }
  return errors;
}

function validatePorts(ports: Port[]): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name = '', port, protocol, targetPort, appProtocol }, index) => {
    const at = `spec.ports[${index}]`;
    const isAgain = names.has(name);
    names.add(name);
    return [
      ...(ports.length > 1 && !name ? [required(`${at}.name`)] : []),
      ...(name ? dnsLabel(`${at}.name`, name) : []),
      ...(name && isAgain ? [duplicate(`${at}.name`, name)] : []),
      ...portNumber(`${at}.port`, port),
      ...oneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
      ...portNumberOrName(`${at}.targetPort`, targetPort),
      ...(appProtocol === undefined ? [] : qualifiedName(`${at}.appProtocol`, appProtocol)),
    ];
  });
}

/** The duplicate is shown as the Go struct of its key. */
function duplicatePorts(ports: Port[]): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap(({ port, protocol = 'TCP' }, index) => {
    const key = `${protocol}/${port}`;
    const isAgain = seen.has(key);
    seen.add(key);
    const plain = { Name: '', Protocol: protocol, AppProtocol: null, Port: port };
    return isAgain ? [duplicate(`spec.ports[${index}]`, { ...plain, TargetPort: 0, NodePort: 0 })] : [];
  });
}

/** Said by what allots addresses and ports. */
function outOfRange(spec: KubeObject['spec'], ports: Port[]): FieldError[] {
  const ip: string = spec.clusterIP ?? '';
  const isFree = !ip || ip === 'None' || spec.type === 'ExternalName' || /^10\.96\.\d+\.\d+$/.test(ip);
  const why = `failed to allocate IP ${ip}: the provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16`;
  const field = ip.includes(':') ? 'spec.clusterIPs' : 'spec.clusterIPs[0]';
  const range = 'provided port is not in the valid range. The range of valid ports is 30000-32767';
  return [
    ...(isFree ? [] : [invalidValue(field, [ip], why)]),
    ...ports.flatMap(({ nodePort }, index) =>
      nodePort && (nodePort < 30_000 || nodePort > 32_767)
        ? [invalidValue(`spec.ports[${index}].nodePort`, nodePort, range)]
        : [],
    ),
  ];
}
