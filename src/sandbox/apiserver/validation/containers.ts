/** Rules of containers. */
import { compareQuantities, parseQuantity } from '../../../quantity.ts';
import type { FieldError } from '../status.ts';
import { descendingPath } from './paths.ts';
import type { Container, EnvVar, PodSpec, Probe } from './pod-spec.ts';
import {
  duplicate,
  invalidValue,
  labelProblems,
  notFoundValue,
  oneOf,
  portNameProblems,
  portNumber,
  required,
  shown,
} from './rules.ts';
import { validateSecurity } from './security.ts';

/** All containers of a spec; names must differ over all of its lists. */
export function validateContainers(spec: PodSpec, path: string, volumes: Set<string>): FieldError[] {
  const names = new Set<string>();
  const list = (field: 'initContainers' | 'containers' | 'ephemeralContainers') =>
    (spec[field] ?? []).flatMap((container, index) =>
      validateContainer(container, `${path}.${field}[${index}]`, names, volumes),
    );
  return [...list('containers'), ...list('initContainers'), ...list('ephemeralContainers')];
}

function validateContainer(
  container: Container,
  path: string,
  names: Set<string>,
  volumes: Set<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  const { name, image = '' } = container;
  if (!name) errors.push(required(`${path}.name`));
  else {
    errors.push(...labelProblems(name).map((problem) => invalidValue(`${path}.name`, name, problem)));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
  }
  if (!image) errors.push(required(`${path}.image`));
  else if (image !== image.trim()) {
    errors.push(invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  }
  return [
    ...errors,
    ...validatePorts(container, path),
    ...(container.env ?? []).flatMap((variable, index) =>
      validateVariable(variable, `${path}.env[${index}]`),
    ),
    ...validateMounts(container, path, volumes),
    ...validateProbe(container.livenessProbe, `${path}.livenessProbe`, true),
    ...validateProbe(container.readinessProbe, `${path}.readinessProbe`, false),
    ...validateProbe(container.startupProbe, `${path}.startupProbe`, true),
    ...oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...validateResources(container, `${path}.resources`),
    ...validateSecurity(container.securityContext, `${path}.securityContext`),
  ];
}

function validatePorts({ ports = [] }: Container, path: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name, containerPort, hostPort, protocol }, index) => {
    const at = `${path}.ports[${index}]`;
    const errors: FieldError[] = [];
    if (name) {
      errors.push(...portNameProblems(name).map((problem) => invalidValue(`${at}.name`, name, problem)));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    if (!containerPort) errors.push(required(`${at}.containerPort`));
    else errors.push(...portNumber(`${at}.containerPort`, containerPort));
    if (hostPort) errors.push(...portNumber(`${at}.hostPort`, hostPort));
    return [...errors, ...oneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])];
  });
}

const fieldPaths =
  /^(metadata\.(name|namespace|uid|annotations|labels)|metadata\.(annotations|labels)\['.+'\]|spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs))$/;

function validateVariable({ name, value, valueFrom }: EnvVar, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`));
  else if (name.includes('=')) {
    errors.push(
      invalidValue(
        `${path}.name`,
        name,
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ),
    );
  }
  if (!valueFrom) return errors;
  const sources = Object.keys(valueFrom);
  const at = `${path}.valueFrom`;
  if (sources.length === 0)
    errors.push(
      invalidValue(
        at,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    );
  if (value) errors.push(invalidValue(at, '', 'may not be specified when `value` is not empty'));
  else if (sources.length > 1)
    errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'));
  const fieldPath = valueFrom.fieldRef?.fieldPath;
  if (valueFrom.fieldRef && !fieldPath) errors.push(required(`${at}.fieldRef.fieldPath`));
  else if (fieldPath && !fieldPaths.test(fieldPath)) {
    const why = `error converting fieldPath: field label not supported: ${fieldPath}`;
    errors.push(invalidValue(`${at}.fieldRef.fieldPath`, fieldPath, why));
  }
  for (const kind of ['configMapKeyRef', 'secretKeyRef'] as const) {
    if (valueFrom[kind] && !valueFrom[kind].key) errors.push(required(`${at}.${kind}.key`));
  }
  return errors;
}

function validateMounts({ volumeMounts = [] }: Container, path: string, volumes: Set<string>): FieldError[] {
  const places = new Set<string>();
  return volumeMounts.flatMap(({ name = '', mountPath = '', subPath, subPathExpr }, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    else if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name));
    if (!mountPath) errors.push(required(`${at}.mountPath`));
    else if (places.has(mountPath)) errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'));
    places.add(mountPath);
    if (subPath) errors.push(...descendingPath(`${at}.subPath`, subPath));
    if (subPathExpr && subPath) {
      const why = 'subPathExpr and subPath are mutually exclusive';
      errors.push(invalidValue(`${at}.subPathExpr`, subPathExpr, why));
    }
    if (subPathExpr) errors.push(...descendingPath(`${at}.subPathExpr`, subPathExpr));
    return errors;
  });
}

function validateProbe(probe: Probe | undefined, path: string, onceOnly: boolean): FieldError[] {
  if (!probe) return [];
  const handlers = ['exec', 'grpc', 'httpGet', 'tcpSocket'].filter((handler) => probe[handler]);
  const errors: FieldError[] = [];
  if (handlers.length === 0) errors.push(required(path, 'must specify a handler type'));
  for (const extra of handlers.slice(1)) {
    errors.push({
      type: 'Forbidden',
      field: `${path}.${extra}`,
      message: 'Forbidden: may not specify more than 1 handler type',
    });
  }
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    const value = probe[field];
    if (typeof value === 'number' && value < 0) {
      errors.push(invalidValue(`${path}.${field}`, value, 'must be greater than or equal to 0'));
    }
  }
  if (onceOnly && probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(invalidValue(`${path}.successThreshold`, probe.successThreshold, 'must be 1'));
  }
  return errors;
}

const standard = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;

function validateResources({ resources = {} }: Container, path: string): FieldError[] {
  const { limits = {}, requests = {} } = resources;
  const errors: FieldError[] = [];
  for (const [field, values] of Object.entries({ limits, requests })) {
    for (const [name, value] of Object.entries(values)) {
      const at = `${path}.${field}[${name}]`;
      if (!name.includes('/') && !standard.test(name)) {
        errors.push(invalidValue(at, name, 'must be a standard resource type or fully qualified'));
        errors.push(invalidValue(at, name, 'must be a standard resource for containers'));
      }
      if ((parseQuantity(value)?.nanos ?? 0n) < 0n) {
        errors.push(invalidValue(at, value, 'must be greater than or equal to 0'));
      }
    }
  }
  for (const [name, value] of Object.entries(requests)) {
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
    if (limit === undefined || compareQuantities(value, limit) <= 0) continue;
    errors.push({
      type: 'Invalid',
      field: `${path}.requests`,
      message: `Invalid value: ${shown(value)}: must be less than or equal to ${name} limit of ${limit}`,
    });
  }
  return errors;
}
