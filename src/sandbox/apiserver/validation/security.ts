/** Rules of security contexts and of a pod's own DNS (pkg/apis/core/validation). */
import { isIP } from 'node:net';
import type { FieldError } from '../status.ts';
import { invalidValue, oneOf, required } from './rules.ts';

export interface SecurityContext {
  runAsUser?: number;
  runAsGroup?: number;
  fsGroup?: number;
  supplementalGroups?: number[];
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  seccompProfile?: { type?: string; localhostProfile?: string };
}

/** Of a container or of a pod. */
export function validateSecurity(context: SecurityContext = {}, path: string): FieldError[] {
  const ids = (['runAsUser', 'runAsGroup', 'fsGroup'] as const).flatMap((field) =>
    idErrors(context[field], `${path}.${field}`),
  );
  const groups = (context.supplementalGroups ?? []).flatMap((id, index) =>
    idErrors(id, `${path}.supplementalGroups[${index}]`),
  );
  const profile = context.seccompProfile;
  const errors = [...ids, ...groups];
  if (profile) {
    const at = `${path}.seccompProfile`;
    errors.push(...oneOf(`${at}.type`, profile.type, ['Localhost', 'RuntimeDefault', 'Unconfined']));
    if (profile.type === 'Localhost' && !profile.localhostProfile) {
      errors.push(required(`${at}.localhostProfile`, 'must be set when seccomp type is Localhost'));
    }
  }
  if (context.privileged && context.allowPrivilegeEscalation === false) {
    const why = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
    errors.push(invalidValue(`${path}.allowPrivilegeEscalation`, false, why));
  }
  return errors;
}

const highest = 2 ** 31 - 1;

function idErrors(id: number | undefined, field: string): FieldError[] {
  if (id === undefined || (id >= 0 && id <= highest)) return [];
  return [invalidValue(field, id, `must be between 0 and ${highest}, inclusive`)];
}

export interface PodDns {
  dnsPolicy?: string;
  dnsConfig?: { nameservers?: string[]; searches?: string[]; options?: { name?: string }[] };
}

export function validateDns({ dnsPolicy, dnsConfig }: PodDns, path: string): FieldError[] {
  const at = `${path}.dnsConfig`;
  if (!dnsConfig) {
    const why = 'must provide `dnsConfig` when `dnsPolicy` is None';
    return dnsPolicy === 'None' ? [required(at, why)] : [];
  }
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  const errors: FieldError[] = [];
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    errors.push(required(`${at}.nameservers`, why));
  }
  if (nameservers.length > 3) {
    errors.push(invalidValue(`${at}.nameservers`, nameservers, 'must not have more than 3 nameservers'));
  }
  for (const [index, address] of nameservers.entries()) {
    if (isIP(address)) continue;
    const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
    errors.push(invalidValue(`${at}.nameservers[${index}]`, address, why));
  }
  if (searches.length > 32) {
    errors.push(invalidValue(`${at}.searches`, searches, 'must not have more than 32 search paths'));
  }
  for (const [index, { name }] of options.entries()) {
    if (!name) errors.push(required(`${at}.options[${index}]`, 'must not be empty'));
  }
  return errors;
}
