import { isRecord, type PathSegment } from './path.ts';

/** The fields that tell the items of a list apart: one, or two together. */
export type ListKey = readonly string[];

/** The key that tells the items of all these lists apart; undefined if the lists are not of that kind. */
export function commonKey(lists: unknown[][]): ListKey | undefined {
  if (lists.every((list) => list.length === 0)) return undefined;
  return listKeys.find((key) =>
    lists.every((list) => {
      const has = list.every((item) => {
        return isRecord(item) && key.every((field) => item[field] !== undefined && !isRecord(item[field]));
      });
      return has && new Set(list.map((item) => idOf(key, item))).size === list.length;
    }),
  );
}

/** What an item is known by: the same for two items that have the same key. */
export function idOf(key: ListKey, item: unknown): string {
  return JSON.stringify(segmentOf(key, item));
}

/** The step of a field path that leads to an item. */
export function segmentOf(key: ListKey, item: unknown): Exclude<PathSegment, string> {
  const values = item as Record<string, string | number | boolean>;
  return Object.fromEntries(key.map((field) => [field, values[field]!]));
}

/**
 * Keys by which Kubernetes' own list types are merged (x-kubernetes-list-map-keys), most usual first; two fields before
 * one of them alone, which may be unique only by chance.
 */
const listKeys: ListKey[] = [
  ['name'],
  ['containerPort', 'protocol'],
  ['containerPort'],
  ['port', 'protocol'],
  ['port'],
  ['mountPath'],
  ['key', 'effect'],
  ['key'],
  ['ip'],
  ['uid'],
  ['type'],
  ['topologyKey', 'whenUnsatisfiable'],
  ['topologyKey'],
];
