/** Rules of a pod spec (pkg/apis/core/validation ValidatePodSpec), as far as people run into them. */
import type { FieldError } from '../status.ts';
import { validateContainers } from './containers.ts';
import { forbiddenValue, invalidValue, labelProblems, oneOf, required } from './rules.ts';
import { type Placement, validatePlacement } from './scheduling.ts';
import { type PodDns, type SecurityContext, validateDns, validateSecurity } from './security.ts';
import { validateVolumes } from './volumes.ts';

export interface PodSpec extends Placement, PodDns {
  securityContext?: SecurityContext;
  containers?: Container[];
  initContainers?: Container[];
  ephemeralContainers?: Container[];
  volumes?: { name?: string; [source: string]: unknown }[];
  restartPolicy?: string;
  terminationGracePeriodSeconds?: number;
  activeDeadlineSeconds?: number;
  hostname?: string;
}

export interface Container {
  securityContext?: SecurityContext;
  name?: string;
  image?: string;
  imagePullPolicy?: string;
  ports?: { containerPort?: number; hostPort?: number; name?: string; protocol?: string }[];
  env?: EnvVar[];
  volumeMounts?: { name?: string; mountPath?: string; subPath?: string; subPathExpr?: string }[];
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
}

export interface Probe {
  successThreshold?: number;
  [field: string]: unknown;
}

export interface EnvVar {
  name?: string;
  value?: string;
  valueFrom?: {
    fieldRef?: { fieldPath?: string };
    configMapKeyRef?: { key?: string };
    secretKeyRef?: { key?: string };
    resourceFieldRef?: { resource?: string };
  };
}

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
    ...validateContainers(spec, path, volumes),
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
    ...(spec.hostname ? labelProblems(spec.hostname) : []).map((text) =>
      invalidValue(`${path}.hostname`, spec.hostname, text),
    ),
    ...validateSecurity(spec.securityContext, `${path}.securityContext`),
    ...validatePlacement(spec, path),
  ];
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
