import { isDeepStrictEqual } from 'node:util';
import { sameQuantity } from '../../quantity.ts';
import { isRecord } from './path.ts';

/**
 * Whether a field is as it was set. The API server may add defaults to a map and write a quantity its own way
 * (1000m becomes 1); everything that was set must be there.
 */
export function covers(seen: unknown, set: unknown): boolean {
  if (isDeepStrictEqual(seen, set)) return true;
  if (isRecord(seen) && isRecord(set)) return Object.keys(set).every((key) => covers(seen[key], set[key]));
  if (Array.isArray(seen) && Array.isArray(set))
    return seen.length === set.length && set.every((item, index) => covers(seen[index], item));
  return sameQuantity(seen, set);
}

/**
 * As `covers`, where a type's rules hold: the API server keeps no empty list, `false` or the like where the type says so
 * (Go's omitempty).
 */
export function keeps(seen: unknown, set: unknown): boolean {
  if (seen === undefined) return isEmpty(set);
  if (isRecord(seen) && isRecord(set)) return Object.keys(set).every((key) => keeps(seen[key], set[key]));
  // What a webhook adds (a side-car, its volume) has a name of its own.
  if (Array.isArray(seen) && Array.isArray(set) && set.length > 0 && set.every(isNamed))
    return set.every((item) =>
      keeps(
        seen.filter(isNamed).find(({ name }) => name === item.name),
        item,
      ),
    );
  if (Array.isArray(seen) && Array.isArray(set))
    return seen.length === set.length && set.every((item, index) => keeps(seen[index], item));
  return covers(seen, set);
}

function isNamed(item: unknown): item is { name: string } {
  return isRecord(item) && typeof item.name === 'string';
}

/** Whether a value says nothing: absent, or made of nothing but empty values. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.values(value).every(isEmpty);
  return !value;
}
