import { parse } from 'yaml';

/** One server behind the load balancer. */
export interface Upstream {
  name: string;
  /** host:port */
  address: string;
}

/**
 * Reads an upstreams file: `upstreams:` with entries of `name` and `address` (host:port).
 * Throws an error that names the entry that is wrong.
 */
export function parseUpstreams(text: string): Upstream[] {
  const document: unknown = parse(text);
  const list = isRecord(document) ? document.upstreams : undefined;
  if (!Array.isArray(list) || list.length === 0)
    throw new Error('Expected a list "upstreams" with at least one entry.');
  return list.map((entry: unknown, index) => {
    const { name, address } = isRecord(entry) ? entry : {};
    if (typeof address !== 'string' || !/^[^\s:/]+:\d{1,5}$/.test(address))
      throw new Error(
        `Expected upstreams[${index}].address to be host:port, got ${JSON.stringify(address)}.`,
      );
    return { name: typeof name === 'string' ? name : address, address };
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
