import type { V1EndpointAddress, V1EndpointSubset } from '@kubernetes/client-node';
import type { KubeObject } from '../../api.ts';
import { fallback } from '../json.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn } from '../table/printer.ts';
import { address, reachableAddress } from '../validation/addresses.ts';
import { dnsLabel, dnsSubdomain, oneOf, portNumber, qualifiedName, required } from '../validation/rules.ts';
import { editable } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

type Subset = V1EndpointSubset;

export const endpoints: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  model: 'V1Endpoints',
  access: editable,
  createOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  storageVersionHash: 'fWeeMqaN/OA=',
  setDefaults(object) {
    for (const subset of object.subsets ?? []) {
      for (const port of subset.ports ?? []) fallback(port, 'protocol', 'TCP');
    }
  },
  validate: ({ subsets }) =>
    ((subsets ?? []) as Subset[]).flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`)),
  table: {
    columns: [nameColumn, column('Endpoints', 'V1Endpoints.subsets'), ageColumn],
    row: (object, now) => [
      object.metadata.name,
      endpointsText(object),
      age(object.metadata.creationTimestamp, now),
    ],
  },
};

function validateSubset(subset: Subset, path: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const each = (list: V1EndpointAddress[], field: string) =>
    list.flatMap((one, index) => validateEndpoint(one, `${path}.${field}[${index}]`));
  return [
    ...(addresses.length + notReadyAddresses.length === 0
      ? [required(path, 'must specify `addresses` or `notReadyAddresses`')]
      : []),
    ...each(addresses, 'addresses'),
    ...each(notReadyAddresses, 'notReadyAddresses'),
    ...ports.flatMap(({ name = '', port, protocol, appProtocol }, index) => {
      const at = `${path}.ports[${index}]`;
      return [
        ...(ports.length > 1 && !name ? [required(`${at}.name`)] : []),
        ...(name ? dnsLabel(`${at}.name`, name) : []),
        ...portNumber(`${at}.port`, port),
        ...oneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
        ...(appProtocol === undefined ? [] : qualifiedName(`${at}.appProtocol`, appProtocol)),
      ];
    }),
  ];
}

function validateEndpoint({ ip, hostname, nodeName }: V1EndpointAddress, path: string): FieldError[] {
  return [
    ...address(`${path}.ip`, ip ?? ''),
    ...(hostname ? dnsLabel(`${path}.hostname`, hostname) : []),
    ...(nodeName === undefined ? [] : dnsSubdomain(`${path}.nodeName`, nodeName)),
    ...reachableAddress(`${path}.ip`, ip ?? ''),
  ];
}

function endpointsText(object: KubeObject): string {
  const texts: string[] = [];
  for (const { addresses = [], ports = [] } of (object.subsets ?? []) as Subset[]) {
    if (ports.length === 0) texts.push(...addresses.map(({ ip }) => ip));
    for (const { port } of ports) texts.push(...addresses.map(({ ip }) => `${ip}:${port}`));
  }
  if (texts.length === 0) return '<none>';
  return texts.length > 3 ? `${texts.slice(0, 3).join(',')} + ${texts.length - 3} more...` : texts.join(',');
}
