/** Ingresses and their classes, in the words of pkg/apis/networking/validation. */
import { isIP } from 'node:net';
import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import {
  immutable,
  invalidValue,
  labelProblems,
  oneOf,
  portNameProblems,
  portNumber,
  required,
  subdomainProblems,
} from './rules.ts';

interface Backend {
  service?: { name?: string; port?: { name?: string; number?: number } };
  resource?: { kind?: string; name?: string };
}

interface Path {
  path?: string;
  pathType?: string;
  backend?: Backend;
}

interface Rule {
  host?: string;
  http?: { paths?: Path[] };
}

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
  for (const [index, { hosts = [] }] of ((spec.tls ?? []) as { hosts?: string[] }[]).entries()) {
    for (const [at, host] of hosts.entries())
      errors.push(...hostProblems(`spec.tls[${index}].hosts[${at}]`, host));
  }
  if (spec.ingressClassName !== undefined) {
    const { ingressClassName: name } = spec;
    errors.push(...subdomainProblems(name).map((why) => invalidValue('spec.ingressClassName', name, why)));
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

/** A DNS name, or one whose first label is `*`. */
function hostProblems(field: string, host: string): FieldError[] {
  const name = host.startsWith('*.') ? host.slice(2) : host;
  return subdomainProblems(name).map((problem) => invalidValue(field, host, problem));
}

const notInPath = ['//', '/./', '/../', '%2f', '%2F'];
const notAtEnd = ['/..', '/.'];

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

function validateBackend(field: string, { service, resource }: Backend): FieldError[] {
  if (service && resource) return [invalidValue(field, '', 'cannot set both resource and service backends')];
  if (resource) return [];
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

export function validateIngressClass({ spec }: KubeObject): FieldError[] {
  const controller: string = spec.controller ?? '';
  if (!controller) return [required('spec.controller')];
  if (/^[^/]+\/.+$/.test(controller)) return [];
  const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
  return [invalidValue('spec.controller', controller, why)];
}

/** What serves a class stays. */
export function validateIngressClassUpdate({ spec }: KubeObject, old: KubeObject): FieldError[] {
  return spec.controller === old.spec.controller ? [] : [immutable('spec.controller', spec.controller)];
}
