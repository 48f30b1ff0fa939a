import type { KubeObject } from '../../../api.ts';
import { clone, same } from '../../json.ts';
import type { FieldError } from '../../status.ts';
import { forbiddenValue, invalidValue, required } from '../../validation/rules.ts';
import { validateDeletionCost } from './deletion-cost.ts';
import { immutableSpec, validatePodSpec } from './spec/spec.ts';

export function validatePod(pod: KubeObject): FieldError[] {
  const volumes: { image?: { reference?: string } }[] = pod.spec.volumes ?? [];
  return [
    ...validateDeletionCost('metadata.annotations', pod.metadata.annotations),
    ...validatePodSpec(pod.spec, 'spec'),
    ...['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) =>
      validateImages(pod.spec[list], `spec.${list}`),
    ),
    // A template may leave it to whoever completes its Pods.
    ...volumes.flatMap(({ image }, index) =>
      image && !image.reference ? [required(`spec.volumes[${index}].image.reference`)] : [],
    ),
  ];
}

/** In a template an image may be a blank: whoever completes its Pods may know it. */
function validateImages(containers: { image?: string }[] = [], path: string): FieldError[] {
  return containers.flatMap(({ image = '' }, index) =>
    image === image.trim()
      ? []
      : [invalidValue(`${path}[${index}].image`, image, 'must not have leading or trailing whitespace')],
  );
}

/** Ephemeral containers come later, by their subresource; a node, when no gate is left. */
export function validatePodCreate({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.ephemeralContainers?.length) {
    errors.push(forbiddenValue('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const why = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbiddenValue('spec.nodeName', why));
  }
  return errors;
}

/** Only images, tolerations (more of them) and deadlines of a Pod may change. */
export function validatePodUpdate(pod: KubeObject, old: KubeObject): FieldError[] {
  for (const field of ['containers', 'initContainers']) {
    if ((pod.spec[field]?.length ?? 0) !== (old.spec[field]?.length ?? 0)) {
      return [forbiddenValue(`spec.${field}`, 'pod updates may not add or remove containers')];
    }
  }
  const comparable = clone(pod.spec);
  for (const field of ['containers', 'initContainers']) {
    for (const [index, container] of (comparable[field] ?? []).entries()) {
      container.image = old.spec[field][index].image;
    }
  }
  comparable.activeDeadlineSeconds = old.spec.activeDeadlineSeconds;
  const before: unknown[] = old.spec.tolerations ?? [];
  const kept = before.every((one) =>
    (comparable.tolerations ?? []).some((other: unknown) => same(one, other)),
  );
  if (kept) comparable.tolerations = old.spec.tolerations;
  if (old.spec.terminationGracePeriodSeconds < 0) {
    comparable.terminationGracePeriodSeconds = old.spec.terminationGracePeriodSeconds;
  }
  const gates: unknown[] = comparable.schedulingGates ?? [];
  if (gates.every((gate) => (old.spec.schedulingGates ?? []).some((other: unknown) => same(gate, other)))) {
    comparable.schedulingGates = old.spec.schedulingGates;
  }
  const errors = deadlineUpdate(pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds);
  if (errors.length > 0 || same(comparable, old.spec)) return errors;
  return [immutableSpec(difference(old.spec, comparable))];
}

/** A deadline may be set and brought forward. */
function deadlineUpdate(seconds: number | undefined, before: number | undefined): FieldError[] {
  const refused = (why: string) => [invalidValue('spec.activeDeadlineSeconds', seconds ?? null, why)];
  if (before === undefined) return [];
  if (seconds === undefined) return refused('must not update from a positive integer to nil value');
  return seconds > before ? refused('must be less than or equal to previous value') : [];
}

/** The fields that differ, as a rough diff of the two specs. */
function difference(old: Record<string, unknown>, now: Record<string, unknown>): string {
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (field) => !same(old[field], now[field]),
  );
  return fields
    .map((field) => `-  ${field}: ${JSON.stringify(old[field])}\n+  ${field}: ${JSON.stringify(now[field])}`)
    .join('\n');
}

/** Ephemeral containers are only ever added (pkg/apis/core/validation: ValidatePodEphemeralContainersUpdate). */
export function validateEphemeralContainers(pod: KubeObject, { spec: old }: KubeObject): FieldError[] {
  const field = 'spec.ephemeralContainers';
  const list: { name: string }[] = pod.spec.ephemeralContainers ?? [];
  const errors = validatePod(pod);
  for (const before of (old.ephemeralContainers ?? []) as { name: string }[]) {
    const now = list.find(({ name }) => name === before.name);
    if (same(now, before)) continue;
    const what = now ? 'changed' : 'removed';
    errors.push(forbiddenValue(field, `existing ephemeral containers "${before.name}" may not be ${what}\n`));
  }
  return errors;
}
