/** Rules of IP addresses and ranges of them (pkg/apis/core/validation, apimachinery/pkg/util/validation). */
import { BlockList, isIP } from 'node:net';
import { parseCidr } from '../../network/cidr.ts';
import type { FieldError } from '../status.ts';
import { invalidValue } from './rules.ts';

export function address(field: string, value: string): FieldError[] {
  if (isIP(value)) return [];
  return [invalidValue(field, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

export function addressRange(field: string, value: string): FieldError[] {
  if (parseCidr(value)) return [];
  return [invalidValue(field, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}

/** Ranges in which nothing is that others could reach. */
const special: [ranges: [string, number, 'ipv4' | 'ipv6'][], why: string][] = [
  [
    [
      ['127.0.0.0', 8, 'ipv4'],
      ['::1', 128, 'ipv6'],
    ],
    'may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    [
      ['169.254.0.0', 16, 'ipv4'],
      ['fe80::', 10, 'ipv6'],
    ],
    'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  ],
  [
    [
      ['224.0.0.0', 24, 'ipv4'],
      ['ff02::', 16, 'ipv6'],
    ],
    'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  ],
];

const lists = special.map(([ranges, why]) => {
  const list = new BlockList();
  for (const range of ranges) list.addSubnet(...range);
  return { list, why };
});

/** An address of an endpoint: one that is also written wrongly is refused twice. */
export function reachableAddress(field: string, value: string): FieldError[] {
  const version = isIP(value);
  if (version === 0) return [invalidValue(field, value, 'must be a valid IP address')];
  if (value === '0.0.0.0' || value === '::')
    return [invalidValue(field, value, `may not be unspecified (${value})`)];
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return lists.flatMap(({ list, why }) =>
    list.check(value, family) ? [invalidValue(field, value, why)] : [],
  );
}
