import { isIP } from 'node:net';
import type { V1Endpoint } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../kubernetes.ts';
import type { KubeObject } from '../../api.ts';
import { fallback } from '../json.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn } from '../table/printer.ts';
import { address, reachableAddress } from '../validation/addresses.ts';
import {
  dnsLabel,
  dnsSubdomain,
  duplicate,
  immutable,
  invalidValue,
  oneOf,
  qualifiedName,
  required,
  tooMany,
} from '../validation/rules.ts';
import { editable } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

export const endpointslices: ResourceDefinition = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  model: 'V1EndpointSlice',
  zeros: {
    kept: ['DiscoveryV1EndpointPort.name', 'DiscoveryV1EndpointPort.appProtocol'],
    written: { V1EndpointSlice: { endpoints: null, ports: null } },
  },
  access: editable,
  storageVersionHash: 'qgS0xkrxYAI=',
  counted: true,
  // It has no spec: all but its metadata counts, and its labels (registry/discovery/endpointslice).
  countedToo: ({ metadata, ...content }) => ({ ...content, labels: metadata.labels ?? {} }),
  setDefaults(slice) {
    for (const port of slice.ports ?? []) {
      fallback(port, 'name', '');
      fallback(port, 'protocol', 'TCP');
    }
  },
  validate: validateSlice,
  validateUpdate: ({ addressType }, old) =>
    addressType === old.addressType ? [] : [immutable('addressType', addressType)],
  table: {
    columns: [
      nameColumn,
      column('AddressType', 'V1EndpointSlice.addressType'),
      column('Ports', 'V1EndpointSlice.ports'),
      column('Endpoints', 'V1EndpointSlice.endpoints'),
      ageColumn,
    ],
    row: (slice, now) => [
      slice.metadata.name,
      slice.addressType,
      shortened(
        ((slice.ports ?? []) as { port?: number; name?: string }[]).map(({ port }) => String(port ?? '*')),
      ),
      shortened(((slice.endpoints ?? []) as { addresses: string[] }[]).flatMap(({ addresses }) => addresses)),
      age(slice.metadata.creationTimestamp, now),
    ],
  },
};

const MOST_ENDPOINTS = 1000;
const MOST_PORTS = 20_000;
const MOST_ADDRESSES = 100;

type Endpoint = Unvalidated<V1Endpoint>;

function validateSlice({ addressType: type, endpoints, ports }: KubeObject): FieldError[] {
  const list: Endpoint[] = endpoints ?? [];
  return [
    ...(type ? oneOf('addressType', type, ['FQDN', 'IPv4', 'IPv6']) : [required('addressType')]),
    ...(list.length > MOST_ENDPOINTS
      ? [tooMany('endpoints', list.length, MOST_ENDPOINTS)]
      : list.flatMap((one, index) => validateEndpoint(one, type, `endpoints[${index}]`))),
    ...validatePorts(ports ?? []),
  ];
}

function validateEndpoint(endpoint: Endpoint, type: string, path: string): FieldError[] {
  const { addresses = [], hostname, nodeName } = endpoint;
  const field = `${path}.addresses`;
  return [
    ...(addresses.length === 0 ? [required(field, 'must contain at least 1 address')] : []),
    ...(addresses.length > MOST_ADDRESSES ? [tooMany(field, addresses.length, MOST_ADDRESSES)] : []),
    ...addresses.flatMap((one, index) => validateAddress(`${field}[${index}]`, one, type)),
    ...(nodeName === undefined ? [] : dnsSubdomain(`${path}.nodeName`, nodeName)),
    ...(hostname === undefined ? [] : dnsLabel(`${path}.hostname`, hostname)),
  ];
}

function validateAddress(field: string, value: string, type: string): FieldError[] {
  if (type === 'FQDN') return dnsSubdomain(field, value);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const version = isIP(value);
  if (version === 0) return address(field, value);
  return [
    ...(type === `IPv${version}` ? [] : [invalidValue(field, value, `must be an ${type} address`)]),
    ...reachableAddress(field, value),
  ];
}

function validatePorts(ports: { name?: string; protocol?: string; appProtocol?: string }[]): FieldError[] {
  if (ports.length > MOST_PORTS) return [tooMany('ports', ports.length, MOST_PORTS)];
  const names = new Set<string>();
  return ports.flatMap(({ name = '', protocol, appProtocol }, index) => {
    const at = `ports[${index}]`;
    const isAgain = names.has(name);
    names.add(name);
    return [
      ...(name ? dnsLabel(`${at}.name`, name) : []),
      ...(isAgain ? [duplicate(`${at}.name`, name)] : []),
      ...oneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
      ...(appProtocol === undefined ? [] : qualifiedName(`${at}.appProtocol`, appProtocol)),
    ];
  });
}

function shortened(texts: string[]): string {
  if (texts.length === 0) return '<unset>';
  return texts.length > 3 ? `${texts.slice(0, 3).join(',')} + ${texts.length - 3} more...` : texts.join(',');
}
