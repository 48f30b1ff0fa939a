import { isDeepStrictEqual } from 'node:util';
import { isRecord } from './path.ts';

/**
 * The JSON merge patch (RFC 7396) that makes `to` of `from`; undefined if they are equal. Lists go whole: the
 * caller sends the resourceVersion along, so nobody's change to another item is lost.
 */
export function mergeDiff(
  from: Record<string, unknown>,
  to: Record<string, unknown>,
): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [was, is] = [from[key], to[key]];
    if (isDeepStrictEqual(was, is)) continue;
    if (is === undefined) patch[key] = null;
    else if (isRecord(was) && isRecord(is)) patch[key] = mergeDiff(was, is);
    else patch[key] = is;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}
