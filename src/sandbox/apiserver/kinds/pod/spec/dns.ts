/** Rules of a pod's own DNS and hosts file (pkg/apis/core/validation). */

import type { FieldError } from '../../../status.ts';
import { address } from '../../../validation/addresses.ts';
import { invalidValue, required, subdomainProblems } from '../../../validation/rules.ts';
import type { PodSpec } from './spec-types.ts';

export type PodDns = Pick<PodSpec, 'dnsConfig' | 'dnsPolicy' | 'hostAliases'>;

/** A DNS subdomain in which underscores may be. */
const searchLabel = '[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?';
const searchPattern = new RegExp(`^${searchLabel}(\\.${searchLabel})*$`);
const searchRule = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${searchLabel}(\\.${searchLabel})*')`;

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
  for (const [index, server] of nameservers.entries()) {
    errors.push(...address(`${at}.nameservers[${index}]`, server));
  }
  if (searches.length > 32) {
    errors.push(invalidValue(`${at}.searches`, searches, 'must not have more than 32 search paths'));
  }
  if (searches.join(' ').length > 2048) {
    const why = 'must not have more than 2048 characters (including spaces) in the search list';
    errors.push(invalidValue(`${at}.searches`, searches, why));
  }
  for (const [index, search] of searches.entries()) {
    const name = search.replace(/\.$/, '');
    if (search !== '.' && (name.length > 253 || !searchPattern.test(name))) {
      errors.push(invalidValue(`${at}.searches[${index}]`, name, searchRule));
    }
  }
  for (const [index, { name }] of options.entries()) {
    if (!name) errors.push(required(`${at}.options[${index}]`, 'must not be empty'));
  }
  return errors;
}

export function validateHostAliases({ hostAliases = [] }: PodDns, path: string): FieldError[] {
  return hostAliases.flatMap(({ ip = '', hostnames = [] }, index) => [
    ...address(`${path}.hostAliases[${index}].ip`, ip),
    ...hostnames.flatMap((name, at) =>
      subdomainProblems(name).map((problem) =>
        invalidValue(`${path}.hostAliases[${index}].hostnames[${at}]`, name, problem),
      ),
    ),
  ]);
}
