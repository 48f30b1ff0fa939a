import { isDeepStrictEqual } from 'node:util';
import { diff3Merge } from 'node-diff3';
import { commonKey, idOf, type ListKey, segmentOf } from './list-key.ts';
import { type FieldPath, isRecord } from './path.ts';

/** A field that was changed on both sides: only a person can say which one stays. */
export interface Conflict {
  path: FieldPath;
  /** What our change had made of it. */
  base: unknown;
  /** What it is now. */
  current: unknown;
  /** What it was before, and would be again. */
  target: unknown;
  /** Why it cannot be put back in place, where that is all that is in the way; `base` tells nothing then. */
  refused?: string;
  /** Who made it what it is now, where that is known. */
  writer?: string;
}

export interface Merged {
  value: unknown;
  conflicts: Conflict[];
}

/**
 * Undoes the step target → base in `current`, which somebody may have changed since: maps by key, lists by
 * the items' own key (never by index), text by line (diff3). What both changed differently is a conflict and
 * stays as it is, unless `prefer` is 'target'. `undefined` means absent everywhere.
 */
export function mergeThreeWay(
  base: unknown,
  current: unknown,
  target: unknown,
  prefer: 'current' | 'target' = 'current',
  path: FieldPath = [],
): Merged {
  if (isDeepStrictEqual(current, base)) return clean(target);
  if (isDeepStrictEqual(current, target) || isDeepStrictEqual(base, target)) return clean(current);
  if (isRecord(current) && [base, target].every((side) => side === undefined || isRecord(side)))
    return mergeMaps(base as Side, current, target as Side, prefer, path);
  const lists = [base ?? [], current, target ?? []];
  if (lists.every(Array.isArray)) {
    const key = commonKey(lists as unknown[][]);
    if (key) return mergeLists(key, lists as Record<string, unknown>[][], prefer, path, target === undefined);
  }
  if ([base, current, target].every((side) => typeof side === 'string')) {
    const text = mergeText(base as string, current as string, target as string);
    if (text !== undefined) return clean(text);
  }
  const conflict = { path, base, current, target };
  return prefer === 'target' ? clean(target) : { value: current, conflicts: [conflict] };
}

type Side = Record<string, unknown> | undefined;

const clean = (value: unknown): Merged => ({ value, conflicts: [] });

function mergeMaps(
  base: Side,
  current: Record<string, unknown>,
  target: Side,
  prefer: 'current' | 'target',
  path: FieldPath,
): Merged {
  const value: Record<string, unknown> = {};
  const conflicts: Conflict[] = [];
  for (const key of new Set([...Object.keys(current), ...Object.keys(target ?? {})])) {
    const merged = mergeThreeWay(base?.[key], current[key], target?.[key], prefer, [...path, key]);
    if (merged.value !== undefined) value[key] = merged.value;
    conflicts.push(...merged.conflicts);
  }
  return { value: target === undefined && Object.keys(value).length === 0 ? undefined : value, conflicts };
}

function mergeLists(
  key: ListKey,
  lists: Record<string, unknown>[][],
  prefer: 'current' | 'target',
  path: FieldPath,
  targetAbsent: boolean,
): Merged {
  const [base, current, target] = lists.map((list) => new Map(list.map((item) => [idOf(key, item), item])));
  const value: unknown[] = [];
  const conflicts: Conflict[] = [];
  // What is there keeps its place, so that an untouched order stays; what comes back goes to its old neighbours.
  const order = withOrderOf([...target!.keys()], [...current!.keys()]);
  for (const id of order) {
    const segment = segmentOf(key, current!.get(id) ?? target!.get(id));
    const merged = mergeThreeWay(base!.get(id), current!.get(id), target!.get(id), prefer, [
      ...path,
      segment,
    ]);
    if (merged.value !== undefined) value.push(merged.value);
    conflicts.push(...merged.conflicts);
  }
  return { value: targetAbsent && value.length === 0 ? undefined : value, conflicts };
}

/** All ids: the order of `first`, and what only `second` has after the one it followed there. */
function withOrderOf(first: string[], second: string[]): string[] {
  const order = [...first];
  second.forEach((id, index) => {
    if (order.includes(id)) return;
    const before = index === 0 ? -1 : order.indexOf(second[index - 1]!);
    order.splice(before + 1, 0, id);
  });
  return order;
}

/** Line by line; undefined if both changed the same lines, or if it is not text of several lines. */
function mergeText(base: string, current: string, target: string): string | undefined {
  if (![base, current, target].every((text) => text.includes('\n'))) return undefined;
  const lines = [current, base, target].map((text) => text.split('\n'));
  const regions = diff3Merge(lines[0]!, lines[1]!, lines[2]!, { excludeFalseConflicts: true });
  if (regions.some((region) => region.conflict)) return undefined;
  return regions.flatMap((region) => region.ok ?? []).join('\n');
}
