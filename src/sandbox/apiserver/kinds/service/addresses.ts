/** Rules of the addresses that a Service has in the cluster (ValidateServiceClusterIPsRelatedFields). */
import { isIP } from 'node:net';
import type { KubeObject } from '../../../api.ts';
import type { FieldError } from '../../status.ts';
import { address } from '../../validation/addresses.ts';
import { duplicate, forbiddenValue, invalidValue, oneOf, required } from '../../validation/rules.ts';

const FIELD = 'spec.clusterIPs';

export function validateAddresses(spec: KubeObject['spec']): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const ips: string[] = spec.clusterIPs ?? [];
  const families: string[] = spec.ipFamilies ?? [];
  const policy: string | undefined = spec.ipFamilyPolicy;
  const wrongIps = validateEach(ips);
  const errors = [
    ...validateFirst(spec.clusterIP ?? '', ips),
    ...families.flatMap((family, index) => [
      ...oneOf(`spec.ipFamilies[${index}]`, family, ['IPv4', 'IPv6']),
      ...(families.indexOf(family) < index ? [duplicate(`spec.ipFamilies[${index}]`, family)] : []),
    ]),
    ...(policy === undefined
      ? []
      : oneOf('spec.ipFamilyPolicy', policy, ['PreferDualStack', 'RequireDualStack', 'SingleStack'])),
    ...wrongIps,
    ...(ips.length > 2 ? [invalidValue(FIELD, ips, 'may only hold up to 2 values')] : []),
  ];
  if (wrongIps.length > 0) return errors;
  const isTwice = ips.length > 1 && new Set(ips.map((ip) => isIP(ip))).size < ips.length;
  const each = 'may specify no more than one IP for each IP family';
  return [
    ...errors,
    ...(isTwice ? [invalidValue(FIELD, ips, each)] : []),
    ...(ips[0] === 'None' ? [] : mismatched(ips, families)),
  ];
}

/** `clusterIP` and the first of `clusterIPs` are the same. */
function validateFirst(ip: string, ips: string[]): FieldError[] {
  if (ip && ips.length === 0) return [required(FIELD)];
  if (ip && ips[0] !== ip) return [invalidValue(FIELD, ips, 'first value must match `clusterIP`')];
  if (ip || ips.length === 0) return [];
  return [invalidValue(FIELD, ips, 'must be empty when `clusterIP` is not specified')];
}

function validateEach(ips: string[]): FieldError[] {
  return ips.flatMap((ip, index) => {
    if (index > 0 || ip !== 'None') return address(`${FIELD}[${index}]`, ip);
    return ips.length > 1 ? [invalidValue(FIELD, ips, "'None' must be the first and only value")] : [];
  });
}

function mismatched(ips: string[], families: string[]): FieldError[] {
  return ips.flatMap((ip, index) => {
    const family = families[index];
    if (!family || family === `IPv${isIP(ip)}`) return [];
    const why = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    return [invalidValue(`${FIELD}[${index}]`, ip, why)];
  });
}

/** This cluster has IPv4 only. */
export function unconfigured({ type, ipFamilies = [], ipFamilyPolicy }: KubeObject['spec']): FieldError[] {
  if (type === 'ExternalName') return [];
  const why = 'this cluster is not configured for dual-stack services';
  const six = (ipFamilies as string[]).indexOf('IPv6');
  return [
    ...(ipFamilyPolicy === 'RequireDualStack'
      ? [invalidValue('spec.ipFamilyPolicy', ipFamilyPolicy, why)]
      : []),
    ...(six < 0 ? [] : [invalidValue(`spec.ipFamilies[${six}]`, 'IPv6', 'not configured on this cluster')]),
  ];
}

/** What a Service was given stays as long as it has it. */
export function validateServiceUpdate({ spec }: KubeObject, { spec: old }: KubeObject): FieldError[] {
  const once = 'may not change once set';
  const errors: FieldError[] = [];
  const isNamed = spec.type === 'ExternalName' || old.type === 'ExternalName';
  if (!isNamed && old.clusterIP && spec.clusterIP !== old.clusterIP) {
    errors.push(invalidValue(`${FIELD}[0]`, spec.clusterIPs, once));
  }
  const family = spec.ipFamilies?.[0];
  if (!isNamed && old.clusterIP !== 'None' && family && old.ipFamilies && family !== old.ipFamilies[0]) {
    errors.push(invalidValue('spec.ipFamilies[0]', spec.ipFamilies, once));
  }
  const isBalanced = spec.type === 'LoadBalancer' && old.type === 'LoadBalancer';
  if (isBalanced && spec.loadBalancerClass !== old.loadBalancerClass) {
    errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass ?? null, once));
  }
  const isChecked = [spec, old].every((one) => one.externalTrafficPolicy === 'Local');
  if (isBalanced && isChecked && spec.healthCheckNodePort !== old.healthCheckNodePort) {
    errors.push(forbiddenValue('spec.healthCheckNodePort', 'field is immutable'));
  }
  return errors;
}
