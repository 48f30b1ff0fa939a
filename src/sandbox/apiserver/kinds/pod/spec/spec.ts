/** Rules of a pod spec (pkg/apis/core/validation ValidatePodSpec), as far as people run into them. */

import type { FieldError } from '../../../status.ts';
import {
  forbiddenValue,
  invalidValue,
  labelProblems,
  oneOf,
  required,
  subdomainProblems,
} from '../../../validation/rules.ts';
import { validateContainers } from './containers.ts';
import { validateDns, validateHostAliases } from './dns.ts';
import { validateOs } from './os.ts';
import { validateClaims, validatePodResources } from './resources.ts';
import { validatePlacement } from './scheduling.ts';
import { validateHostUsers, validatePodSecurity } from './security.ts';
import type { PodSpec } from './spec-types.ts';
import { validateVolumes } from './volumes.ts';

/** `path` is where the spec stands: `spec` or `spec.template.spec`. */
export function validatePodSpec(spec: PodSpec, path: string, restartPolicies?: string[]): FieldError[] {
  const volumeErrors = validateVolumes(spec.volumes ?? [], `${path}.volumes`);
  // A volume that is wrong itself does not count as one that can be mounted.
  const isWrong = (index: number) =>
    volumeErrors.some(({ field }) => field.startsWith(`${path}.volumes[${index}]`));
  const sound = (spec.volumes ?? []).filter((_, index) => !isWrong(index));
  const volumes = new Set(sound.map((volume) => volume.name ?? ''));
  return [
    ...volumeErrors,
    ...(spec.containers?.length ? [] : [required(`${path}.containers`)]),
    ...validateClaims(spec.resourceClaims, `${path}.resourceClaims`),
    ...validateContainers(spec, path, volumes),
    ...validatePodResources(spec.resources, spec.containers ?? [], `${path}.resources`, `${path}.containers`),
    ...(restartPolicies
      ? []
      : oneOf(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never'])),
    ...oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...validateDns(spec, path),
    ...activeDeadline(spec, path),
    ...validateNames(spec, path),
    ...validatePodSecurity(spec, `${path}.securityContext`),
    ...validateHostUsers(spec, path),
    ...validatePlacement(spec, path),
    ...validateHostAliases(spec, path),
    ...(spec.preemptionPolicy === undefined
      ? []
      : oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'])),
    ...(spec.os ? validateOs(spec, path) : []),
  ];
}

const names = {
  serviceAccountName: subdomainProblems,
  nodeName: subdomainProblems,
  hostname: labelProblems,
  subdomain: labelProblems,
  priorityClassName: subdomainProblems,
  runtimeClassName: subdomainProblems,
};

function validateNames(spec: PodSpec, path: string): FieldError[] {
  return Object.entries(names).flatMap(([field, problems]) => {
    const name = spec[field as keyof typeof names];
    return (name ? problems(name) : []).map((problem) => invalidValue(`${path}.${field}`, name, problem));
  });
}

function activeDeadline({ activeDeadlineSeconds: seconds }: PodSpec, path: string): FieldError[] {
  if (seconds === undefined || (seconds >= 1 && seconds <= 2_147_483_647)) return [];
  return [
    invalidValue(`${path}.activeDeadlineSeconds`, seconds, 'must be between 1 and 2147483647, inclusive'),
  ];
}

export const immutableSpec = (diff: string): FieldError =>
  forbiddenValue(
    'spec',
    `pod updates may not change fields other than \`spec.containers[*].image\`,\`spec.initContainers[*].image\`,\`spec.activeDeadlineSeconds\`,\`spec.tolerations\` (only additions to existing tolerations),\`spec.terminationGracePeriodSeconds\` (allow it to be set to 1 if it was previously negative)\n${diff}`,
  );
