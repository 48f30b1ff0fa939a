import type { Cluster, ClusterObject } from './cluster.ts';
import { formatRef } from './ref.ts';

/**
 * The cluster, of which everything is read once, however often it is asked for: what is planned and checked in one go is
 * made of one picture. A request that fails is not remembered.
 */
export function readOnce(cluster: Cluster): Cluster {
  const objects = new Map<string, Promise<ClusterObject | undefined>>();
  const lists = new Map<string, Promise<ClusterObject[]>>();
  const reads: Pick<Cluster, 'get' | 'list'> = {
    get: (ref, signal) => remembered(objects, formatRef(ref), () => cluster.get(ref, signal)),
    async list(kind, options = {}, signal) {
      // Asked for as deployment, Deployment or deployments, it is one list.
      const { apiVersion, resource } = await cluster.kind(kind);
      const { namespace, labelSelector, fieldSelector } = options;
      const key = JSON.stringify([apiVersion, resource, namespace, labelSelector, fieldSelector]);
      return await remembered(lists, key, () => cluster.list(kind, options, signal));
    },
  };
  return new Proxy(cluster, {
    get(target, name) {
      if (name === 'get' || name === 'list') return reads[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before) return before;
  const answer = ask();
  known.set(key, answer);
  answer.catch(() => known.delete(key));
  return answer;
}
