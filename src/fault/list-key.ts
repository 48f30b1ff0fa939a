import { isRecord } from './field-path.ts';

/** The key that tells the items of all these lists apart; undefined if the lists are not of that kind. */
export function commonKey(lists: unknown[][]): string | undefined {
  if (lists.every((list) => list.length === 0)) return undefined;
  return listKeys.find((key) =>
    lists.every((list) => {
      const ids = list.map((item) => (isRecord(item) ? item[key] : undefined));
      return ids.every((id) => id !== undefined && !isRecord(id)) && new Set(ids).size === ids.length;
    }),
  );
}

/** Keys by which Kubernetes' own list types are merged, most usual first (x-kubernetes-list-map-keys). */
const listKeys = ['name', 'containerPort', 'port', 'mountPath', 'key', 'ip', 'uid', 'type', 'topologyKey'];
