import type { KubeObject } from '../../../api.ts';
import { age } from '../../table/duration.ts';
import { ageColumn, column, nameColumn } from '../../table/printer.ts';
import { editable, status } from '../access.ts';
import type { HookContext, ResourceDefinition } from '../definition.ts';
import { validateIngress } from './validation.ts';

const LEGACY_CLASS = 'kubernetes.io/ingress.class';

const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';

/** Kept and shown; without an ingress controller nothing serves them and no address is ever filled in. */
export const ingresses: ResourceDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  model: 'V1Ingress',
  access: editable,
  storageVersionHash: '39NQlfNR+bo=',
  hasStatus: true,
  counted: true,
  subresources: [status('Ingress')],
  setDefaults(ingress) {
    ingress.spec ??= {};
  },
  prepareCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
  admit: setDefaultClass,
  validate: validateIngress,
  table: {
    columns: [
      nameColumn,
      column(
        'Class',
        'The name of the IngressClass resource that should be used for additional configuration',
      ),
      column('Hosts', 'Hosts that incoming requests are matched against before the ingress rule'),
      column('Address', 'Address is a list containing ingress points for the load-balancer'),
      column('Ports', 'Ports of TLS configurations that open'),
      ageColumn,
    ],
    row: ({ metadata, spec, status }, now) => [
      metadata.name,
      spec.ingressClassName ?? '<none>',
      hostsText(spec.rules),
      ((status?.loadBalancer?.ingress ?? []) as { ip?: string; hostname?: string }[])
        .map((point) => point.ip ?? point.hostname ?? '')
        .join(','),
      spec.tls?.length ? '80, 443' : '80',
      age(metadata.creationTimestamp, now),
    ],
  },
};

/** The admission plug-in DefaultIngressClass: of several defaults the newest, then the first by name. */
function setDefaultClass(ingress: KubeObject, context: HookContext): void {
  if (
    ingress.spec.ingressClassName !== undefined ||
    ingress.metadata.annotations?.[LEGACY_CLASS] !== undefined
  )
    return;
  const defaults = context
    .list('ingressclasses.networking.k8s.io')
    .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
    .map(({ metadata }) => metadata)
    .sort((a, b) => b.creationTimestamp.localeCompare(a.creationTimestamp) || a.name.localeCompare(b.name));
  if (defaults[0]) ingress.spec.ingressClassName = defaults[0].name;
}

function hostsText(rules: { host?: string }[] = []): string {
  const hosts = rules.flatMap(({ host }) => host || []);
  if (hosts.length === 0) return '*';
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',');
}
