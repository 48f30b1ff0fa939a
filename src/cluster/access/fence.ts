import type { Cluster } from '../cluster.ts';
import type { GameLease } from './lease.ts';

const writes: ReadonlySet<string | symbol> = new Set(['create', 'replace', 'patch', 'delete']);

/** The cluster, with a look at the Lease before each write: a process that was paused writes nothing after it was taken over. */
export function fenced(cluster: Cluster, lease: Pick<GameLease, 'ensureHeld'>): Cluster {
  return new Proxy(cluster, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (!writes.has(name)) return value.bind(target);
      return async (...args: unknown[]) => {
        await lease.ensureHeld();
        return await value.apply(target, args);
      };
    },
  });
}
