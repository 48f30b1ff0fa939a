import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';

/** The game's own writes by what tells them apart: the version that each gave an object, and the UIDs that were deleted. */
export class OwnWrites {
  readonly #versions = new Set<string>();
  readonly #deleted = new Set<string>();

  /** The cluster, with all that is written through it remembered. */
  through(cluster: Cluster): Cluster {
    const remember = ({ metadata }: ClusterObject) => {
      if (metadata.resourceVersion) this.#versions.add(metadata.resourceVersion);
    };
    return new Proxy(cluster, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name === 'delete')
          return (...[ref, options = {}, signal]: Parameters<Cluster['delete']>) => {
            if (options.uid && !options.dryRun) this.#deleted.add(options.uid);
            return target.delete(ref, options, signal);
          };
        if (name !== 'create' && name !== 'replace' && name !== 'patch') return value.bind(target);
        return async (...args: unknown[]) => {
          const answer = (await value.apply(target, args)) as ClusterObject;
          remember(answer);
          return answer;
        };
      },
    });
  }

  /** Whether an object is as one of the writes had left it, or was deleted by one. */
  has({ metadata }: ClusterObject, isDeleted: boolean): boolean {
    return isDeleted
      ? this.#deleted.has(metadata.uid ?? '')
      : this.#versions.has(metadata.resourceVersion ?? '');
  }
}
