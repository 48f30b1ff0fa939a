/** Wrong Services, Endpoints and EndpointSlices, in the words of pkg/apis/core and discovery/validation. */
import { expect, it } from 'vitest';
import { refusalOf, refusalOfChange } from './refused.ts';

const ports = [{ port: 80 }];
const service = (spec: object = {}) => ({ kind: 'Service', spec: { ports, ...spec } });
const two = (more: object) => [
  { name: 'a', port: 80, ...more },
  { name: 'b', port: 81, ...more },
];

it.each([
  [{ ports: [] }, 'spec.ports: Required value'],
  [
    { type: 'Gateway' },
    'spec.type: Unsupported value: "Gateway": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ],
  [{ ports: [{ port: 0 }] }, 'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  [
    { ports: [{ port: 80, targetPort: 70_000 }] },
    'spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    { ports: [{ port: 80, protocol: 'HTTP' }] },
    'spec.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    { ports: [{ port: 80, appProtocol: 'a b' }] },
    'spec.ports[0].appProtocol: Invalid value: "a b": name part must consist of',
  ],
  [
    { ports: [{ port: 80 }, { port: 81 }] },
    '[spec.ports[0].name: Required value, spec.ports[1].name: Required value]',
  ],
  [
    {
      ports: [
        { name: 'a', port: 80 },
        { name: 'a', port: 81 },
      ],
    },
    'spec.ports[1].name: Duplicate value: "a"',
  ],
  [
    { ports: [{ port: 80, nodePort: 30_080 }] },
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  [
    { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
    'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
  [{ type: 'NodePort', ports: two({ nodePort: 30_080 }) }, 'spec.ports[1].nodePort: Duplicate value: 30080'],
  [
    { type: 'NodePort', clusterIP: 'None' },
    `spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`,
  ],
  [{ type: 'ExternalName', ports: [] }, 'spec.externalName: Required value'],
  [
    { type: 'ExternalName', externalName: 'a_b' },
    'spec.externalName: Invalid value: "a_b": a lowercase RFC 1123 subdomain',
  ],
  [
    { type: 'ExternalName', externalName: 'a.b', ipFamilyPolicy: 'SingleStack' },
    'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
  ],
  [
    { sessionAffinity: 'Cookie' },
    'spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"',
  ],
  [
    { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } },
    'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
  ],
  [
    { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
    'spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is None',
  ],
  [
    { externalIPs: ['a.b'] },
    'spec.externalIPs[0]: Invalid value: "a.b": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [
    { externalIPs: ['127.0.0.1'] },
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    { loadBalancerSourceRanges: ['10.0.0.0/8'] },
    "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0'] },
    'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    { allocateLoadBalancerNodePorts: true },
    "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    { loadBalancerClass: 'a/b' },
    "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    { externalTrafficPolicy: 'Local' },
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  [
    { type: 'NodePort', externalTrafficPolicy: 'Near' },
    'spec.externalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
  ],
  [
    { healthCheckNodePort: 30_000 },
    "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ],
  [
    { internalTrafficPolicy: 'Near' },
    'spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
  ],
  [
    { trafficDistribution: 'Near' },
    'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
  ],
  [
    { clusterIP: 'here' },
    'spec.clusterIPs[0]: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [
    { clusterIP: '10.96.0.77', clusterIPs: ['10.96.0.78'] },
    'spec.clusterIPs: Invalid value: ["10.96.0.78"]: first value must match `clusterIP`',
  ],
  [
    { ipFamilies: ['IPv5'] },
    'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
  ],
  [
    { ipFamilyPolicy: 'Dual' },
    'spec.ipFamilyPolicy: Unsupported value: "Dual": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
  ],
  [
    { ipFamilyPolicy: 'RequireDualStack' },
    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
  ],
  [{ selector: { 'a b': 'c' } }, 'spec.selector: Invalid value: "a b": name part must consist of'],
])('a Service with %j is refused', (spec, why) => {
  expect(refusalOf(service(spec))).toContain(why);
});

it('a Service keeps its address, its family and the class of its load balancer', () => {
  const change = (right: object, to: object) =>
    refusalOfChange(service(right), ({ spec }) => Object.assign(spec, to));
  expect(change({}, { clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9'] })).toBe(
    'spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set',
  );
  expect(change({}, { clusterIP: 'None', clusterIPs: ['None'] })).toBe(
    'spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set',
  );
  expect(change({ type: 'LoadBalancer', loadBalancerClass: 'a.b/c' }, { loadBalancerClass: 'a.b/d' })).toBe(
    'spec.loadBalancerClass: Invalid value: "a.b/d": may not change once set',
  );
});

const address = { ip: '10.1.2.3' };
it.each([
  [{}, 'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  [
    { addresses: [{ ip: '1.2.3' }] },
    '[subsets[0].addresses[0].ip: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), subsets[0].addresses[0].ip: Invalid value: "1.2.3": must be a valid IP address]',
  ],
  [
    { notReadyAddresses: [{ ip: '169.254.1.1' }] },
    'subsets[0].notReadyAddresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  ],
  [
    { addresses: [{ ...address, nodeName: 'A_b' }] },
    'subsets[0].addresses[0].nodeName: Invalid value: "A_b"',
  ],
  [
    { addresses: [address], ports: [{ port: 0 }] },
    'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [
    { addresses: [address], ports: [{ port: 1 }, { port: 2 }] },
    '[subsets[0].ports[0].name: Required value, subsets[0].ports[1].name: Required value]',
  ],
])('Endpoints with %j are refused', (subset, why) => {
  expect(refusalOf({ kind: 'Endpoints', subsets: [subset] })).toContain(why);
});

const slice = (more: object) => ({ kind: 'EndpointSlice', addressType: 'IPv4', endpoints: [], ...more });
it.each([
  [{ addressType: undefined }, 'addressType: Required value'],
  [{ addressType: 'MAC' }, 'addressType: Unsupported value: "MAC": supported values: "FQDN", "IPv4", "IPv6"'],
  [
    { endpoints: [{ addresses: [] }] },
    'endpoints[0].addresses: Required value: must contain at least 1 address',
  ],
  [
    { endpoints: [{ addresses: ['::2'] }] },
    'endpoints[0].addresses[0]: Invalid value: "::2": must be an IPv4 address',
  ],
  [
    { endpoints: [{ addresses: ['0.0.0.0'] }] },
    'endpoints[0].addresses[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
  ],
  [
    { endpoints: Array(1001).fill({ addresses: ['10.1.1.1'] }) },
    'endpoints: Too many: 1001: must have at most 1000 items',
  ],
  [
    {
      ports: [
        { name: 'a', port: 1 },
        { name: 'a', port: 2 },
      ],
    },
    'ports[1].name: Duplicate value: "a"',
  ],
  [
    { ports: [{ protocol: 'X' }] },
    'ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
  ],
])('an EndpointSlice with %j is refused', (more, why) => {
  expect(refusalOf(slice(more))).toBe(why);
});

it('the type of addresses of an EndpointSlice stays', () => {
  expect(refusalOfChange(slice({}), (draft) => Object.assign(draft, { addressType: 'IPv6' }))).toBe(
    'addressType: Invalid value: "IPv6": field is immutable',
  );
});
