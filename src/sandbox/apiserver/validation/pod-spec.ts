/** Rules of a pod spec (pkg/apis/core/validation ValidatePodSpec), as far as people run into them. */
import type { FieldError } from '../status.ts';
import { validateContainers } from './containers.ts';
import { forbiddenValue, invalidValue, labelProblems, nonNegative, oneOf, required } from './rules.ts';
import { validateVolumes } from './volumes.ts';

export interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  ephemeralContainers?: Container[];
  volumes?: { name?: string; [source: string]: unknown }[];
  restartPolicy?: string;
  dnsPolicy?: string;
  terminationGracePeriodSeconds?: number;
  activeDeadlineSeconds?: number;
  tolerations?: Toleration[];
  hostname?: string;
}

export interface Container {
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

interface Toleration {
  key?: string;
  operator?: string;
  effect?: string;
  value?: string;
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
    ...nonNegative(`${path}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds),
    ...activeDeadline(spec, path),
    ...(spec.hostname ? labelProblems(spec.hostname) : []).map((text) =>
      invalidValue(`${path}.hostname`, spec.hostname, text),
    ),
    ...tolerations(spec.tolerations ?? [], `${path}.tolerations`),
  ];
}

function activeDeadline({ activeDeadlineSeconds: seconds }: PodSpec, path: string): FieldError[] {
  if (seconds === undefined || (seconds >= 1 && seconds <= 2_147_483_647)) return [];
  return [
    invalidValue(`${path}.activeDeadlineSeconds`, seconds, 'must be between 1 and 2147483647, inclusive'),
  ];
}

function tolerations(list: Toleration[], path: string): FieldError[] {
  return list.flatMap(({ key, operator, value, effect }, index) => {
    const at = `${path}[${index}]`;
    const errors: FieldError[] = [];
    if (!key && operator !== 'Exists') {
      errors.push(
        invalidValue(
          `${at}.operator`,
          operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (operator === 'Exists' && value) {
      errors.push(
        invalidValue(
          `${at}.operator`,
          { key, operator, value, effect },
          "value must be empty when `operator` is 'Exists'",
        ),
      );
    }
    if (operator && !['Equal', 'Exists'].includes(operator))
      errors.push(...oneOf(`${at}.operator`, operator, ['Equal', 'Exists']));
    if (effect)
      errors.push(...oneOf(`${at}.effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']));
    return errors;
  });
}

export const immutableSpec = (diff: string): FieldError =>
  forbiddenValue(
    'spec',
    `pod updates may not change fields other than \`spec.containers[*].image\`,\`spec.initContainers[*].image\`,\`spec.activeDeadlineSeconds\`,\`spec.tolerations\` (only additions to existing tolerations),\`spec.terminationGracePeriodSeconds\` (allow it to be set to 1 if it was previously negative)\n${diff}`,
  );
