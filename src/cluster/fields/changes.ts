import { isDeepStrictEqual } from 'node:util';
import { commonKey, idOf, type ListKey, segmentOf } from './list-key.ts';
import { type FieldPath, fieldAt, isRecord, withField } from './path.ts';

/** One field set to a value, or removed. */
export type FieldChange = { path: FieldPath; to: unknown } | { path: FieldPath; absent: true };

/** `value` is undefined (left out in JSON) where the field is absent. */
export interface FieldValue {
  path: FieldPath;
  value?: unknown;
}

/** The smallest set of fields by which `to` differs from `from`; items of lists by their key where they have one. */
export function fieldChanges(from: unknown, to: unknown, path: FieldPath = []): FieldChange[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (to === undefined) return [{ path, absent: true }];
  if (isRecord(from) && isRecord(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap((key) => fieldChanges(from[key], to[key], [...path, key]));
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    const key = commonKey([from, to]);
    if (key) return itemChanges(key, from, to, path);
  }
  return [{ path, to }];
}

/** The object with the changes made. */
export function withChanges<T>(object: T, changes: readonly FieldChange[]): T {
  return changes.reduce(
    (at, change) => withField(at, change.path, 'to' in change ? change.to : undefined),
    object,
  );
}

/**
 * The fields that changes touch in this object. Where a change has to make maps on its way, the outermost one is
 * the field: it was absent, and is absent again when nothing but ours is in it.
 */
export function touchedFields(object: unknown, changes: readonly FieldChange[]): FieldPath[] {
  const paths = changes.map(({ path }) => {
    const length = path.findIndex((_, index) => fieldAt(object, path.slice(0, index + 1)) === undefined);
    return length < 0 ? path : path.slice(0, length + 1);
  });
  return paths.filter((path, index) => paths.findIndex((each) => isDeepStrictEqual(each, path)) === index);
}

/** The values that an object has in these fields. */
export function valuesOf(object: unknown, paths: readonly FieldPath[]): FieldValue[] {
  return paths.map((path) => {
    const value = fieldAt(object, path);
    return value === undefined ? { path } : { path, value };
  });
}

function itemChanges(key: ListKey, from: unknown[], to: unknown[], path: FieldPath): FieldChange[] {
  const items = new Map([...from, ...to].map((item) => [idOf(key, item), segmentOf(key, item)]));
  const order = (list: unknown[]) => list.map((item) => idOf(key, item));
  const kept = order(from).filter((id) => order(to).includes(id));
  // Only the order changed, and order may matter (init containers): the list is one field then.
  if (
    !isDeepStrictEqual(
      kept,
      order(to).filter((id) => kept.includes(id)),
    )
  )
    return [{ path, to }];
  return [...items].flatMap(([id, segment]) => {
    const find = (list: unknown[]) => list.find((item) => idOf(key, item) === id);
    return fieldChanges(find(from), find(to), [...path, segment]);
  });
}
