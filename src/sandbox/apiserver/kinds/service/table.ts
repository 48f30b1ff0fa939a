import type { KubeObject } from '../../../api.ts';
import { age } from '../../table/duration.ts';
import { ageColumn, column, labelsText, nameColumn, type Printer, wide } from '../../table/printer.ts';

export const table: Printer = {
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
