/** The columns of the kinds of networking.k8s.io. */
import { age } from './duration.ts';
import { ageColumn, column, nameColumn, type Printer, selectorText } from './printer.ts';

export const ingresses: Printer = {
  columns: [
    nameColumn,
    column('Class', 'The name of the IngressClass resource that should be used for additional configuration'),
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
};

function hostsText(rules: { host?: string }[] = []): string {
  const hosts = rules.flatMap(({ host }) => host || []);
  if (hosts.length === 0) return '*';
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',');
}

export const ingressclasses: Printer = {
  columns: [
    nameColumn,
    column('Controller', 'Controller that is responsible for handling this class'),
    column('Parameters', 'A reference to a resource with additional parameters'),
    ageColumn,
  ],
  row: ({ metadata, spec }, now) => {
    const { apiGroup, kind, name } = spec.parameters ?? {};
    const parameters = kind ? `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}` : '<none>';
    return [metadata.name, spec.controller, parameters, age(metadata.creationTimestamp, now)];
  },
};

export const networkpolicies: Printer = {
  columns: [nameColumn, column('Pod-Selector', 'V1NetworkPolicySpec.podSelector'), ageColumn],
  row: ({ metadata, spec }, now) => [
    metadata.name,
    selectorText(spec.podSelector),
    age(metadata.creationTimestamp, now),
  ],
};
