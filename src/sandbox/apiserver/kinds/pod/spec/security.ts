/** Rules of security contexts (pkg/apis/core/validation). */

import type { V1SeccompProfile, V1SecurityContext } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../../kubernetes.ts';
import type { FieldError } from '../../../status.ts';
import { duplicate, forbiddenValue, invalidValue, oneOf, required } from '../../../validation/rules.ts';
import { descendingPath } from './paths.ts';
import type { PodSpec } from './spec-types.ts';

type Profile = Unvalidated<V1SeccompProfile>;

type SecurityContext = Pick<ContainerSecurityContext, 'seccompProfile' | 'appArmorProfile'>;

export type ContainerSecurityContext = Unvalidated<V1SecurityContext>;

/** Namespaces of the host that a pod with users of its own may not share, as the messages write them. */
export function validateHostUsers(spec: HostSharing, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  return (['hostNetwork', 'hostPID', 'hostIPC'] as const)
    .filter((field) => spec[field])
    .map((field) => `${path}.${field.replace(/^host(PID|IPC)/, 'Host$1')}`)
    .map((field) => forbiddenValue(field, 'when `pod.Spec.HostUsers` is false'));
}

/** What a pod shares with its node. */
export type HostSharing = Pick<
  PodSpec,
  'hostIPC' | 'hostNetwork' | 'hostPID' | 'hostUsers' | 'securityContext' | 'shareProcessNamespace'
>;

export function validatePodSecurity(spec: HostSharing, path: string): FieldError[] {
  const context = spec.securityContext ?? {};
  const { runAsUser, runAsGroup, fsGroup } = context;
  const errors = [
    ...validateIds({ fsGroup, runAsUser, runAsGroup }, path),
    ...(context.supplementalGroups ?? []).flatMap((id, index) =>
      idErrors(id, `${path}.supplementalGroups[${index}]`),
    ),
    ...validateProfiles(context, path),
    ...validateSysctls(spec, `${path}.sysctls`),
  ];
  if (spec.shareProcessNamespace && spec.hostPID) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalidValue(`${path}.shareProcessNamespace`, true, why));
  }
  for (const [field, supported] of Object.entries(policies)) {
    const value = context[field as keyof typeof policies];
    if (value !== undefined) errors.push(...oneOf(`${path}.${field}`, value, supported));
  }
  return errors;
}

const policies = {
  fsGroupChangePolicy: ['Always', 'OnRootMismatch'],
  supplementalGroupsPolicy: ['Merge', 'Strict'],
};

export function validateContainerSecurity(
  context: ContainerSecurityContext = {},
  path: string,
  hostUsers = true,
): FieldError[] {
  const { runAsUser, runAsGroup, procMount } = context;
  const errors = validateIds({ runAsUser, runAsGroup }, path);
  if (procMount !== undefined) errors.push(...oneOf(`${path}.procMount`, procMount, ['Default', 'Unmasked']));
  if (procMount === 'Unmasked' && hostUsers) {
    const why = '`hostUsers` must be false to use `Unmasked`';
    errors.push(invalidValue(`${path}.procMount`, procMount, why));
  }
  errors.push(...validateProfiles(context, path));
  if (context.allowPrivilegeEscalation !== false) return errors;
  const lead = 'cannot set `allowPrivilegeEscalation` to false and';
  if (context.privileged) errors.push(invalidValue(path, context, `${lead} \`privileged\` to true`));
  // Only by its long name: SYS_ADMIN, as everybody writes it, is taken.
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    errors.push(invalidValue(path, context, `${lead} \`capabilities.Add\` CAP_SYS_ADMIN`));
  }
  return errors;
}

/** For each kind of profile its name in the messages. */
const profiles = { seccompProfile: 'seccomp', appArmorProfile: 'AppArmor' } as const;

function validateProfiles(context: SecurityContext, path: string): FieldError[] {
  return Object.entries(profiles).flatMap(([field, name]) => {
    const profile = context[field as keyof typeof profiles];
    if (!profile) return [];
    const at = `${path}.${field}`;
    const errors = profile.type
      ? oneOf(`${at}.type`, profile.type, ['Localhost', 'RuntimeDefault', 'Unconfined'])
      : [required(`${at}.type`, `type is required when ${field} is set`)];
    const place = `${at}.localhostProfile`;
    if (profile.type !== 'Localhost') {
      if (profile.localhostProfile) errors.push(notLocalhost(field, place, profile));
    } else if (!profile.localhostProfile) {
      errors.push(required(place, `must be set when ${name} type is Localhost`));
    } else errors.push(...descendingPath(place, profile.localhostProfile));
    return errors;
  });
}

/** The words of each kind differ; one shows the whole profile, as Go has it. */
function notLocalhost(field: string, place: string, { type, localhostProfile }: Profile): FieldError {
  if (field === 'appArmorProfile') {
    return invalidValue(place, localhostProfile, 'can only be set when AppArmor type is Localhost');
  }
  const value = { Type: type, LocalhostProfile: localhostProfile };
  return invalidValue(place, value, 'can only be set when seccomp type is Localhost');
}

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlName = `^(${segment}[\\./])*${segment}$`;

function validateSysctls({ securityContext, hostNetwork, hostIPC }: HostSharing, path: string): FieldError[] {
  const names = new Set<string>();
  return (securityContext?.sysctls ?? []).flatMap(({ name = '' }, index) => {
    const at = `${path}[${index}].name`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(at));
    else if (name.length > 253 || !new RegExp(sysctlName).test(name)) {
      const why = `must have at most 253 characters and match regex ${sysctlName}`;
      errors.push(invalidValue(at, name, why));
    } else if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    const shared = (isShared: boolean | undefined, field: string, pattern: RegExp) => {
      if (!isShared || !pattern.test(name)) return;
      errors.push(invalidValue(at, name, `may not be specified when '${field}' is true`));
    };
    shared(hostNetwork, 'hostNetwork', /^net[./]/);
    shared(hostIPC, 'hostIPC', /^(kernel[./](shm|msg|sem$)|fs[./]mqueue[./])/);
    return errors;
  });
}

function validateIds(ids: Record<string, number | undefined>, path: string): FieldError[] {
  return Object.entries(ids).flatMap(([field, id]) => idErrors(id, `${path}.${field}`));
}

const highest = 2 ** 31 - 1;

function idErrors(id: number | undefined, field: string): FieldError[] {
  if (id === undefined || (id >= 0 && id <= highest)) return [];
  return [invalidValue(field, id, `must be between 0 and ${highest}, inclusive`)];
}
