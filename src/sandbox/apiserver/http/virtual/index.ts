import { virtualResources } from '../../registry/virtual.ts';
import { noSuchResource } from '../../status.ts';
import type { Call } from '../context.ts';
import type { Served } from '../versions.ts';

/** The handler of a resource that stores nothing; undefined for one that is stored. */
export function virtualHandler(served: Served): ((call: Call) => void | Promise<void>) | undefined {
  if (!virtualResources.includes(served)) return undefined;
  return () => {
    throw noSuchResource();
  };
}
