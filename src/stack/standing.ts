import { atOnce } from '../at-once.ts';
import { leaseHolder, leaseRef } from '../cluster/access/lease.ts';
import type { Finding } from '../cluster/access/opened.ts';
import { missingPermissions, resolvePermissions } from '../cluster/access/permissions.ts';
import type { Cluster, ClusterObject, Permission } from '../cluster/cluster.ts';
import { refOf } from '../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';

/** Whose an object is: `src/shop/print.ts` writes this annotation on every object of the stack. */
const stackAnnotation = 'shop.example/stack';

/** An object of the stack as it should be, and as it is; `now` undefined: it is not there. */
export interface Standing {
  wanted: ClusterObject;
  now: ClusterObject | undefined;
}

/** Each object of a stack beside what the cluster has under its name, in the same order. Throws ClusterError. */
export async function standings(
  objects: readonly ClusterObject[],
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<Standing[]> {
  return await atOnce(objects, async (wanted) => ({ wanted, now: await cluster.get(refOf(wanted), signal) }));
}

/** Whether what is there is of the stack: only that may be changed or removed. */
export function isOurs({ wanted, now }: Standing): boolean {
  const mark = wanted.metadata.annotations?.[stackAnnotation];
  return mark !== undefined && now?.metadata.annotations?.[stackAnnotation] === mark;
}

export const isNamespace = ({ kind }: ClusterObject): boolean => kind === 'Namespace';

/** The verbs on each kind of the stack in each of its namespaces, and those on its namespaces. Throws ClusterError. */
export async function stackPermissions(
  objects: readonly ClusterObject[],
  verbs: string[],
  cluster: Cluster,
): Promise<Permission[]> {
  const needs = objects.map((object) => {
    const { name, ...ref } = refOf(object);
    return isNamespace(object) ? { ...ref, name, verbs: ['get'] } : { ...ref, verbs };
  });
  return await resolvePermissions([...needs, { ...leaseRef(), verbs: ['get'] }], cluster);
}

/** What stands in the way of whoever wants to change the stack. Throws ClusterError. */
export async function hindrances(
  permissions: readonly Permission[],
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<Finding[]> {
  const missing = await missingPermissions(permissions, cluster, signal);
  if (missing.length > 0) return missing;
  const holder = await leaseHolder(cluster, signal);
  if (holder === undefined) return [];
  const [host, pid] = holder.split('_');
  return [
    {
      code: 'game-on',
      message: `A game runs on this cluster, or crashed on it: process ${pid} on ${host}.`,
      todo: `Wait until it ends, or \`misfortune recover --context ${cluster.context}\` restores what it left.`,
    },
  ];
}

/** @throws MisfortuneError with the code of the first, that names all */
export function assertUnhindered(what: string, found: readonly Finding[]): void {
  const [first] = found;
  if (!first) return;
  const lines = found.map(({ message, todo }) => `  - ${message}${todo ? ` ${todo}` : ''}`);
  throw new MisfortuneError(first.code, `${what} is refused; nothing was touched:\n${lines.join('\n')}`, {
    exitCode: exitCodes.refused,
  });
}
