/** The columns of Services, Endpoints and EndpointSlices. */
import type { KubeObject } from '../../api.ts';
import { age } from './duration.ts';
import { ageColumn, column, labelsText, nameColumn, type Printer, wide } from './printer.ts';

export const services: Printer = {
  columns: [
    nameColumn,
    column('Type', 'V1ServiceSpec.type'),
    column('Cluster-IP', 'V1ServiceSpec.clusterIP'),
    column('External-IP', 'V1ServiceSpec.externalIPs'),
    column('Port(s)', 'V1ServiceSpec.ports'),
    ageColumn,
    column('Selector', 'V1ServiceSpec.selector', wide),
  ],
  row: (service, now) => [
    service.metadata.name,
    service.spec.type,
    service.spec.clusterIP || '<none>',
    externalAddress(service),
    portsText(service.spec.ports),
    age(service.metadata.creationTimestamp, now),
    labelsText(service.spec.selector),
  ],
};

function externalAddress({ spec, status }: KubeObject): string {
  const external: string[] = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName;
  if (spec.type !== 'LoadBalancer') return external.join(',') || '<none>';
  const ingress: { ip?: string; hostname?: string }[] = status?.loadBalancer?.ingress ?? [];
  return [...ingress.map((point) => point.ip ?? point.hostname ?? ''), ...external].join(',') || '<pending>';
}

function portsText(ports: { port: number; nodePort?: number; protocol?: string }[] = []): string {
  const texts = ports.map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return texts.join(',') || '<none>';
}

export const endpoints: Printer = {
  columns: [nameColumn, column('Endpoints', 'V1Endpoints.subsets'), ageColumn],
  row: (object, now) => [
    object.metadata.name,
    endpointsText(object),
    age(object.metadata.creationTimestamp, now),
  ],
};

interface Subset {
  addresses?: { ip: string }[];
  ports?: { port: number }[];
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

export const endpointslices: Printer = {
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
};

function shortened(texts: string[]): string {
  if (texts.length === 0) return '<unset>';
  return texts.length > 3 ? `${texts.slice(0, 3).join(',')} + ${texts.length - 3} more...` : texts.join(',');
}
