import { BlockList, isIP } from 'node:net';

/** A range of addresses. */
export interface Cidr {
  /** As written; bits after the prefix do not count. */
  address: string;
  bits: number;
  family: 'ipv4' | 'ipv6';
  contains(address: string): boolean;
}

/** `10.9.8.0/24` or `2001:db8::/64`; undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = '', length = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  const bits = Number(length);
  if (version === 0 || length !== String(bits) || bits > (version === 4 ? 32 : 128)) return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return {
    address,
    bits,
    family,
    contains: (other) => isIP(other) === version && list.check(other, family),
  };
}
