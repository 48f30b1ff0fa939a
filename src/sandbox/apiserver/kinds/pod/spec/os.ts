/** What goes with the operating system that a pod names (pkg/apis/core/validation: validateOS). */
import type { FieldError } from '../../../status.ts';
import { forbiddenValue, oneOf, required } from '../../../validation/rules.ts';
import type { PodSpec } from './spec-types.ts';

const ofLinux = {
  pod: ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'],
  podSecurity: [
    ...['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls'],
    ...['runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy'],
  ],
  container: [
    ...['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem'],
    ...['privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup'],
  ],
};

type Fields = Record<string, unknown>;

export function validateOs(spec: PodSpec, path: string): FieldError[] {
  const name = spec.os?.name;
  if (!name) return [required(`${path}.os.name`, 'cannot be empty')];
  if (name !== 'linux' && name !== 'windows') return oneOf(`${path}.os`, name, ['linux', 'windows']);
  const isWindows = name === 'windows';
  const why = isWindows ? 'cannot be set for a windows pod' : 'windows options cannot be set for a linux pod';
  const given = (object: unknown, fields: string[], at: string) =>
    fields
      .filter((field) => (object as Fields | undefined)?.[field] !== undefined)
      .map((field) => forbiddenValue(`${at}.${field}`, why));
  const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const;
  return [
    ...(isWindows ? given(spec, ofLinux.pod, path) : []),
    ...given(
      spec.securityContext,
      isWindows ? ofLinux.podSecurity : ['windowsOptions'],
      `${path}.securityContext`,
    ),
    ...lists.flatMap((list) =>
      (spec[list] ?? []).flatMap(({ securityContext }, index) =>
        given(
          securityContext,
          isWindows ? ofLinux.container : ['windowsOptions'],
          `${path}.${list}[${index}].securityContext`,
        ),
      ),
    ),
  ];
}
