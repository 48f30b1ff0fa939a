/** Rules of what a container asks for, and of the claims of a pod to devices (pkg/apis/core/validation). */
import type { V1PodResourceClaim, V1ResourceRequirements } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../../kubernetes.ts';
import { compareQuantities, formatQuantity, parseQuantity } from '../../../../../quantity.ts';
import type { FieldError } from '../../../status.ts';
import { containerResourceName } from '../../../validation/resource-names.ts';
import {
  duplicate,
  forbiddenValue,
  invalidValue,
  labelProblems,
  notFoundValue,
  oneOf,
  required,
  subdomainProblems,
} from '../../../validation/rules.ts';

/** Devices and the like: whole numbers, never more promised than is there. */
const isExtended = (name: string) => name.includes('/') && !name.includes('kubernetes.io/');

const isExact = (name: string) => isExtended(name) || name.startsWith('hugepages-');

/** What a container may use at most, what is kept for it, and which of the pod's devices it uses. */
export type Resources = Unvalidated<V1ResourceRequirements>;

export function validateResources(
  { limits = {}, requests = {}, claims = [] }: Resources = {},
  path: string,
  podClaims: ResourceClaim[] = [],
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, values] of Object.entries({ limits, requests })) {
    for (const [name, value] of Object.entries(values)) {
      errors.push(...validateAmount(name, value, `${path}.${field}[${name}]`));
    }
  }
  for (const [name, value] of Object.entries(requests)) {
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
    const at = `${path}.requests`;
    if (limit === undefined) {
      const why = 'Limit must be set for non overcommitable resources';
      if (isExact(name)) errors.push(required(`${path}.limits`, why));
    } else if (isExact(name) && compareQuantities(value, limit) !== 0) {
      errors.push(invalidValue(at, value, `must be equal to ${name} limit of ${limit}`));
    } else if (compareQuantities(value, limit) > 0) {
      errors.push(invalidValue(at, value, `must be less than or equal to ${name} limit of ${limit}`));
    }
  }
  const asked = Object.keys({ ...limits, ...requests });
  if (asked.some((name) => name.startsWith('hugepages-')) && !asked.some(isComputing)) {
    errors.push(forbiddenValue(path, 'HugePages require cpu or memory'));
  }
  return [...errors, ...validateUses(claims, `${path}.claims`, podClaims)];
}

const isComputing = (name: string) => name === 'cpu' || name === 'memory';

function validateAmount(name: string, value: string, at: string): FieldError[] {
  const nanos = parseQuantity(value)?.nanos ?? 0n;
  const errors = containerResourceName(at, name);
  if (nanos < 0n) errors.push(invalidValue(at, value, 'must be greater than or equal to 0'));
  if (isExtended(name) && nanos % 1_000_000_000n !== 0n) {
    errors.push(invalidValue(at, value, 'must be an integer'));
  }
  return errors;
}

/** The devices of a container, which must be among those that its pod claims. */
function validateUses(
  uses: { name?: string; request?: string }[],
  path: string,
  podClaims: ResourceClaim[],
): FieldError[] {
  const known = podClaims.flatMap(({ name }) => name || []).sort();
  const seen = new Set<string>();
  return uses.flatMap(({ name, request }, index) => {
    const at = `${path}[${index}]`;
    if (!name) return [required(at)];
    const key = request ? `${name}/${request}` : name;
    const isTaken = seen.has(name) || seen.has(key);
    seen.add(key);
    const among = known.length > 0 ? `: ${known.join(', ')}` : ' which is empty';
    const missing = notFoundValue(at, name);
    missing.message += `: must be one of the names in pod.spec.resourceClaims${among}`;
    return [...(isTaken ? [duplicate(at, key)] : []), ...(known.includes(name) ? [] : [missing])];
  });
}

export type ResourceClaim = Unvalidated<V1PodResourceClaim>;

const sources = ['resourceClaimName', 'resourceClaimTemplateName'] as const;

export function validateClaims(claims: ResourceClaim[] = [], path: string): FieldError[] {
  const names = new Set<string>();
  return claims.flatMap((claim, index) => {
    const at = `${path}[${index}]`;
    const { name } = claim;
    const found = sources.filter((source) => claim[source] !== undefined);
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    else errors.push(...labelProblems(name).map((problem) => invalidValue(`${at}.name`, name, problem)));
    names.add(name ?? '');
    if (found.length !== 1) {
      const [one, other] = sources;
      const why = found.length
        ? `at most one of \`${one}\` or \`${other}\` may be specified`
        : `must specify one of: \`${one}\`, \`${other}\``;
      errors.push(invalidValue(at, claim, why));
    }
    for (const source of found) {
      const text = claim[source] ?? '';
      errors.push(...subdomainProblems(text).map((why) => invalidValue(`${at}.${source}`, text, why)));
    }
    return errors;
  });
}

/** Whether a container is restarted when it is given more or less; the real server names the list. */
export function validateResizes(
  policies: { resourceName?: string; restartPolicy?: string }[] = [],
  path: string,
  restartPolicy: string | undefined,
): FieldError[] {
  const names = new Set<string>();
  return policies.flatMap(({ resourceName = '', restartPolicy: policy = '' }, index) => {
    const isAgain = names.has(resourceName);
    names.add(resourceName);
    const never = "must be 'NotRequired' when `restartPolicy` is 'Never'";
    return [
      ...(isAgain ? [duplicate(`${path}[${index}]`, resourceName)] : []),
      ...(resourceName ? oneOf(path, resourceName, ['cpu', 'memory']) : [required(path)]),
      ...(policy ? oneOf(path, policy, ['NotRequired', 'RestartContainer']) : [required(path)]),
      ...(restartPolicy === 'Never' && policy !== 'NotRequired' ? [invalidValue(path, policy, never)] : []),
    ];
  });
}

/** What a Pod may use as a whole: no less than its containers ask for. */
export function validatePodResources(
  resources: Resources | undefined,
  containers: { resources?: Resources }[],
  path: string,
  containersPath: string,
): FieldError[] {
  if (!resources) return [];
  const { requests = {}, limits = {}, claims } = resources;
  const errors = [
    ...(claims ? [forbiddenValue(`${path}.claims`, 'claims cannot be set for Resources at pod-level')] : []),
    ...Object.entries({ limits, requests }).flatMap(([field, amounts]) =>
      Object.keys(amounts)
        .filter((name) => !isComputing(name) && !name.startsWith('hugepages-'))
        .flatMap((name) => oneOf(`${path}.${field}[${name}]`, name, ['cpu', 'hugepages-', 'memory'])),
    ),
  ];
  for (const [name, value] of Object.entries(requests)) {
    const all = containers.reduce(
      (sum, one) => sum + (parseQuantity(one.resources?.requests?.[name])?.nanos ?? 0n),
      0n,
    );
    if (all <= (parseQuantity(value)?.nanos ?? 0n)) continue;
    const total = formatQuantity({ nanos: all, format: name === 'cpu' ? 'decimal' : 'binary' });
    const why = `must be greater than or equal to aggregate container requests of ${total}`;
    errors.push(invalidValue(`${path}.requests[${name}]`, value, why));
  }
  for (const [index, one] of containers.entries()) {
    for (const [name, value] of Object.entries(one.resources?.limits ?? {})) {
      const most = limits[name];
      if (most === undefined || compareQuantities(value, most) <= 0) continue;
      const field = `${containersPath}[${index}].resources.limits`;
      errors.push(invalidValue(field, value, `must be less than or equal to pod limits of ${most}`));
    }
  }
  return errors;
}
