/** Rules of containers. */

import type { FieldError } from '../../../status.ts';
import {
  duplicate,
  forbiddenValue,
  invalidValue,
  labelProblems,
  notFoundValue,
  oneOf,
  portNameProblems,
  portNumber,
  required,
} from '../../../validation/rules.ts';
import { validateEnvironment } from './environment.ts';
import { validateHandlers } from './handlers.ts';
import { validateDevices, validateMounts } from './mounts.ts';
import { validateResizes, validateResources } from './resources.ts';
import { validateContainerSecurity } from './security.ts';
import type { Container, EphemeralContainer, PodSpec } from './spec-types.ts';

/** All containers of a spec; names must differ over all of its lists. */
export function validateContainers(spec: PodSpec, path: string, volumes: Set<string>): FieldError[] {
  const names = new Set<string>();
  const list = (field: 'initContainers' | 'containers' | 'ephemeralContainers') =>
    (spec[field] ?? []).flatMap((container, index) => {
      const at = `${path}.${field}[${index}]`;
      const isInit = field === 'initContainers' && container.restartPolicy !== 'Always';
      const { restartPolicy } = container;
      return [
        ...validateContainer(container, at, names, volumes),
        ...(restartPolicy !== undefined && field !== 'ephemeralContainers'
          ? oneOf(`${at}.restartPolicy`, restartPolicy, ['Always', 'Never', 'OnFailure'])
          : []),
        ...validateResizes(container.resizePolicy, `${at}.resizePolicy`, spec.restartPolicy),
        ...validateHandlers(container, at, isInit, spec.terminationGracePeriodSeconds),
        ...validateResources(container.resources, `${at}.resources`, spec.resourceClaims),
        ...validateContainerSecurity(container.securityContext, `${at}.securityContext`, spec.hostUsers),
      ];
    });
  return [
    ...list('containers'),
    ...validateHostPorts(spec, `${path}.containers`),
    ...list('initContainers'),
    ...list('ephemeralContainers'),
    ...(spec.ephemeralContainers ?? []).flatMap((container, index) =>
      validateEphemeral(container, `${path}.ephemeralContainers[${index}]`, spec),
    ),
  ];
}

/** Those of all containers together: they share one node. */
function validateHostPorts({ containers = [], hostNetwork }: PodSpec, path: string): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap(({ ports = [] }, index) =>
    ports.flatMap(({ hostPort, hostIP = '', containerPort, protocol }, at) => {
      if (!hostPort) return [];
      const field = `${path}[${index}].ports[${at}].hostPort`;
      const place = `${protocol}/${hostIP}/${hostPort}`;
      const errors = taken.has(place) ? [duplicate(field, place)] : [];
      taken.add(place);
      const why = 'must match `containerPort` when `hostNetwork` is true';
      return hostNetwork && hostPort !== containerPort
        ? [...errors, invalidValue(field, hostPort, why)]
        : errors;
    }),
  );
}

const notForEphemeral = [
  ...['ports', 'resources', 'resizePolicy', 'restartPolicy', 'lifecycle'],
  ...['livenessProbe', 'readinessProbe', 'startupProbe'],
] as const;

/** It helps to look into a pod, and is no part of what the pod does. */
function validateEphemeral(container: EphemeralContainer, path: string, spec: PodSpec): FieldError[] {
  const { targetContainerName: target, volumeMounts = [] } = container;
  const others = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const why = 'cannot be set for an Ephemeral Container';
  return [
    ...(target && !others.some(({ name }) => name === target)
      ? [notFoundValue(`${path}.targetContainerName`, target)]
      : []),
    ...notForEphemeral
      .filter((field) => Object.keys(container[field] ?? {}).length > 0)
      .map((field) => forbiddenValue(`${path}.${field}`, why)),
    ...volumeMounts.flatMap((mount, index) =>
      (['subPath', 'subPathExpr'] as const)
        .filter((field) => mount[field])
        .map((field) => forbiddenValue(`${path}.volumeMounts[${index}].${field}`, why)),
    ),
  ];
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
  return [
    ...errors,
    ...validatePorts(container, path),
    ...validateEnvironment(container, path),
    ...validateMounts(container, path, volumes),
    ...validateDevices(container, `${path}.volumeDevices`, volumes),
    ...oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...oneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, [
      'File',
      'FallbackToLogsOnError',
    ]),
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
