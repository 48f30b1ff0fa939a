import { isIP } from 'node:net';
import type {
  V1HTTPIngressPath,
  V1IngressBackend,
  V1IngressRule,
  V1IngressTLS,
} from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../kubernetes.ts';
import type { KubeObject } from '../../../api.ts';
import type { FieldError } from '../../status.ts';
import { pathName } from '../../validation/meta.ts';
import {
  dnsSubdomain,
  invalidValue,
  labelProblems,
  oneOf,
  portNameProblems,
  portNumber,
  required,
} from '../../validation/rules.ts';

type Backend = Unvalidated<V1IngressBackend>;

type Path = Unvalidated<V1HTTPIngressPath>;

type Tls = V1IngressTLS;

type Rule = Unvalidated<V1IngressRule>;

const notInPath = ['//', '/./', '/../', '%2f', '%2F'];

const notAtEnd = ['/..', '/.'];

export function validateIngress({ metadata, spec }: KubeObject): FieldError[] {
  const rules: Rule[] = spec.rules ?? [];
  const errors: FieldError[] = [];
  const legacy = metadata.annotations?.['kubernetes.io/ingress.class'];
  if (legacy !== undefined && spec.ingressClassName !== undefined && legacy !== spec.ingressClassName) {
    const why = 'must match `ingressClassName` when both are specified';
    errors.push(invalidValue('annotations.kubernetes.io/ingress.class', legacy, why));
  }
  if (rules.length === 0 && !spec.defaultBackend) {
    const why = 'either `defaultBackend` or `rules` must be specified';
    errors.push(invalidValue('spec', spec.rules ?? null, why));
  }
  if (spec.defaultBackend) errors.push(...validateBackend('spec.defaultBackend', spec.defaultBackend));
  for (const [index, rule] of rules.entries()) errors.push(...validateRule(`spec.rules[${index}]`, rule));
  for (const [index, { hosts = [], secretName }] of ((spec.tls ?? []) as Tls[]).entries()) {
    for (const [at, host] of hosts.entries())
      errors.push(...hostProblems(`spec.tls[${index}].hosts[${at}]`, host));
    if (secretName) errors.push(...dnsSubdomain(`spec.tls[${index}].secretName`, secretName));
  }
  if (spec.ingressClassName !== undefined) {
    errors.push(...dnsSubdomain('spec.ingressClassName', spec.ingressClassName));
  }
  return errors;
}

function validateRule(field: string, { host, http }: Rule): FieldError[] {
  const errors: FieldError[] = [];
  if (host && isIP(host))
    errors.push(invalidValue(`${field}.host`, host, 'must be a DNS name, not an IP address'));
  else if (host) errors.push(...hostProblems(`${field}.host`, host));
  if (!http) return errors;
  const { paths = [] } = http;
  if (paths.length === 0) errors.push(required(`${field}.http.paths`));
  return [...errors, ...paths.flatMap((path, index) => validatePath(`${field}.http.paths[${index}]`, path))];
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** A DNS name, or one whose first label is `*`. */
function hostProblems(field: string, host: string): FieldError[] {
  if (!host.includes('*')) return dnsSubdomain(field, host);
  const rule = `\\*\\.${label}(\\.${label})*`;
  if (new RegExp(`^${rule}$`).test(host)) return [];
  const why = `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '${rule}')`;
  return [invalidValue(field, host, why)];
}

function validatePath(field: string, { path = '', pathType, backend = {} }: Path): FieldError[] {
  const errors: FieldError[] = [];
  const invalidPath = (why: string) => invalidValue(`${field}.path`, path, why);
  const isExact = pathType === 'Exact' || pathType === 'Prefix';
  if (pathType === undefined) errors.push(required(`${field}.pathType`, 'pathType must be specified'));
  else errors.push(...oneOf(`${field}.pathType`, pathType, ['Exact', 'ImplementationSpecific', 'Prefix']));
  if ((isExact || path) && !path.startsWith('/')) errors.push(invalidPath('must be an absolute path'));
  if (isExact && path.startsWith('/')) {
    for (const text of notInPath)
      if (path.includes(text)) errors.push(invalidPath(`must not contain '${text}'`));
    for (const text of notAtEnd)
      if (path.endsWith(text)) errors.push(invalidPath(`cannot end with '${text}'`));
  }
  return [...errors, ...validateBackend(`${field}.backend`, backend)];
}

function validateResource(
  field: string,
  { apiGroup, kind, name }: NonNullable<Backend['resource']>,
): FieldError[] {
  return [
    ...(apiGroup === undefined ? [] : dnsSubdomain(`${field}.apiGroup`, apiGroup)),
    ...(kind ? pathName(`${field}.kind`, kind) : [required(`${field}.kind`, 'kind is required')]),
    ...(name ? pathName(`${field}.name`, name) : [required(`${field}.name`, 'name is required')]),
  ];
}

function validateBackend(field: string, { service, resource }: Backend): FieldError[] {
  if (service && resource) return [invalidValue(field, '', 'cannot set both resource and service backends')];
  if (resource) return validateResource(`${field}.resource`, resource);
  if (!service) return [invalidValue(field, '', 'resource or service backend is required')];
  const errors: FieldError[] = [];
  const { name, port = {} } = service;
  if (!name) errors.push(required(`${field}.service.name`));
  else errors.push(...labelProblems(name).map((why) => invalidValue(`${field}.service.name`, name, why)));
  const at = `${field}.service.port`;
  if (port.name && port.number)
    errors.push(invalidValue(field, '', 'cannot set both port name & port number'));
  else if (port.name) {
    const { name: portName } = port;
    errors.push(...portNameProblems(portName).map((why) => invalidValue(`${at}.name`, portName, why)));
  } else if (port.number) errors.push(...portNumber(`${at}.number`, port.number));
  else errors.push(required(field, 'port name or number is required'));
  return errors;
}
