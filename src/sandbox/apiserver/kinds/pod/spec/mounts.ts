/** Rules of what a container mounts, and of its devices (pkg/apis/core/validation: ValidateVolumeMounts). */
import type { FieldError } from '../../../status.ts';
import { forbiddenValue, invalidValue, notFoundValue, oneOf, required } from '../../../validation/rules.ts';
import { descendingPath } from './paths.ts';
import type { Container, VolumeMount } from './spec-types.ts';

export function validateMounts(container: Container, path: string, volumes: Set<string>): FieldError[] {
  const { volumeMounts = [], volumeDevices = [], securityContext } = container;
  const places = new Set<string>();
  return volumeMounts.flatMap((mount, index) => {
    const { name = '', mountPath = '', subPath, subPathExpr, mountPropagation } = mount;
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
    if (volumeDevices.some((device) => device.name === name)) {
      errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'));
    }
    if (mountPropagation !== undefined) {
      const isPrivileged = securityContext?.privileged ?? false;
      errors.push(...propagation(mountPropagation, isPrivileged, `${path}.volumeMounts.mountPropagation`));
    }
    return [...errors, ...readOnly(mount, `${path}.volumeMounts.recursiveReadOnly`)];
  });
}

/** The real server names the list, not the mount, in what it says of propagation. */
function propagation(value: string, isPrivileged: boolean, field: string): FieldError[] {
  if (value === 'Bidirectional' && !isPrivileged) {
    return [
      forbiddenValue(field, 'Bidirectional mount propagation is available only to privileged containers'),
    ];
  }
  return oneOf(field, value, ['Bidirectional', 'HostToContainer', 'None']);
}

function readOnly(
  { recursiveReadOnly: value, readOnly: isReadOnly, mountPropagation }: VolumeMount,
  field: string,
): FieldError[] {
  if (value === undefined || value === 'Disabled') return [];
  if (value !== 'Enabled' && value !== 'IfPossible') {
    return oneOf(field, value, ['Disabled', 'Enabled', 'IfPossible']);
  }
  return [
    ...(isReadOnly ? [] : [forbiddenValue(field, 'may only be specified when readOnly is true')]),
    ...(mountPropagation === undefined || mountPropagation === 'None'
      ? []
      : [forbiddenValue(field, 'may only be specified when mountPropagation is None or not specified')]),
  ];
}

/** Devices are claims, used as they are. */
export function validateDevices(container: Container, path: string, volumes: Set<string>): FieldError[] {
  const { volumeDevices = [], volumeMounts = [] } = container;
  const names = new Set<string>();
  const places = new Set<string>();
  return volumeDevices.flatMap(({ name = '', devicePath = '' }, index) => {
    const at = `${path}[${index}]`;
    const errors: FieldError[] = [];
    const refuse = (field: 'name' | 'devicePath', why: string) =>
      errors.push(invalidValue(`${at}.${field}`, field === 'name' ? name : devicePath, why));
    if (!name) errors.push(required(`${at}.name`));
    if (names.has(name)) refuse('name', 'must be unique');
    if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name));
    if (!devicePath) errors.push(required(`${at}.devicePath`));
    if (places.has(devicePath)) refuse('devicePath', 'must be unique');
    if (devicePath.split('/').includes('..')) refuse('devicePath', "can not contain backsteps ('..')");
    if (volumeMounts.some((mount) => mount.name === name)) {
      refuse('name', 'must not already exist in volumeMounts');
    }
    names.add(name);
    places.add(devicePath);
    return errors;
  });
}
