import type { Cluster, ClusterObject } from '../cluster/cluster.ts';
import { formatRef } from '../cluster/ref.ts';

/**
 * A cluster in which everything is read once, however often it is asked for: what is made of it is made of one
 * picture. For what is done in one go; a request that fails is not remembered.
 */
export function readOnce(
  cluster: Pick<Cluster, 'get' | 'list' | 'kind'>,
): Pick<Cluster, 'get' | 'list' | 'kind'> {
  const objects = new Map<string, Promise<ClusterObject | undefined>>();
  const lists = new Map<string, Promise<ClusterObject[]>>();
  return {
    kind: (kind) => cluster.kind(kind),
    get: (ref, signal) => remembered(objects, formatRef(ref), () => cluster.get(ref, signal)),
    list: (kind, options = {}, signal) => {
      const { namespace, labelSelector, fieldSelector } = options;
      const key = JSON.stringify([kind.kind, kind.group, namespace, labelSelector, fieldSelector]);
      return remembered(lists, key, () => cluster.list(kind, options, signal));
    },
  };
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before) return before;
  const answer = ask();
  known.set(key, answer);
  answer.catch(() => known.delete(key));
  return answer;
}
