import type { Cluster, ClusterObject, Ref } from '../../cluster/cluster.ts';
import { formatRef, refKey, sameObject, singular } from '../../cluster/ref.ts';

/** One reading command that responders type first, without knowing anything. */
export interface Look {
  command: string;
  /** The objects of its rows, and what their row says of them without what changes by itself. */
  rows(text: string): Row[];
}

interface Row {
  /** Kind in singular, without its group. */
  ref: Ref;
  says: string;
}

/** What stands out in a look: objects of which it says something that it did not say before. */
export interface Giveaway {
  command: string;
  stands: Ref[];
  /** It shows what is broken and nothing else that is new. */
  tells: boolean;
}

/** Ages and durations (5s, 3m12s, 2d, `(4s ago)`), and shares of a target: they change by themselves. */
const passing = /\(?\b\d+(?:\.\d+)?(?:s|m|h|d|y)(?:\d+[smhd])*\b(?: ago\))?|\b\d+%/g;

/** Of a CronJob: whether it is suspended, and how many of its Jobs run just now. */
const running = /\b(True|False)\s+\d+/g;

const plain = (text: string): string =>
  text.replace(passing, '').replace(running, '$1').replace(/\s+/g, ' ').trim();

/** Rows below one heading or several (`get all`), of which column `at` has the object. */
function listed(kind: string | undefined, at = 1): Look['rows'] {
  return (text) =>
    text.split('\n').flatMap((line) => {
      const columns = line.trim().split(/\s+/);
      const [namespace = ''] = columns;
      const named = columns[at]?.split('/') ?? [];
      if (line.trim() === '' || columns.includes('NAME') || columns.includes('OBJECT')) return [];
      const name = named.at(-1);
      const of = named.length > 1 ? named[0]!.split('.')[0]! : kind;
      if (!name || !of) return [];
      return [{ ref: { kind: of, ...(at > 0 && { namespace }), name }, says: plain(line) }];
    });
}

/** Cores in thousandths below which nobody looks at a pod. */
const busyMillicores = 100;

/** `top` shows numbers, which never stay the same: a pod that is busy, by its order of magnitude. */
function topped(text: string): Row[] {
  return listed('pod')(text).flatMap((row, index) => {
    const cpu = Number(/\s(\d+)m\s/.exec(text.split('\n').slice(1)[index] ?? '')?.[1] ?? 0);
    return cpu < busyMillicores ? [] : [{ ...row, says: `busy ${Math.floor(Math.log2(cpu))}` }];
  });
}

const workloads = 'deployments,statefulsets,daemonsets,jobs,cronjobs';
const settings =
  'services,ingresses,networkpolicies,configmaps,horizontalpodautoscalers,resourcequotas,poddisruptionbudgets';

/** kubectl cannot sort several kinds at once (kubernetes/kubernetes#104318). */
export const firstLooks: readonly Look[] = [
  { command: 'kubectl get pods -A', rows: listed('pod') },
  // NAMESPACE, LAST SEEN, TYPE, REASON, OBJECT
  { command: 'kubectl get events -A --sort-by=.lastTimestamp', rows: listed(undefined, 4) },
  { command: `kubectl get ${workloads} -A`, rows: listed(undefined) },
  { command: 'kubectl get all -A', rows: listed(undefined) },
  { command: `kubectl get ${settings} -A`, rows: listed(undefined) },
  { command: 'kubectl get nodes', rows: listed('node', 0) },
  { command: 'kubectl top pods -A', rows: topped },
];

/** Answers who makes an object: pods, ReplicaSets and Jobs come and go, and whoever reads them thinks of their owner. */
export type OwnerOf = (ref: Ref) => Ref;

/** @param objects pods, ReplicaSets and Jobs; Events tell of some that are gone: those are known by how they are named */
export function ownersAmong(objects: readonly ClusterObject[]): OwnerOf {
  const owners = new Map(
    objects.flatMap(({ kind, metadata: { namespace, name, ownerReferences = [] } }) => {
      const by = ownerReferences.find(({ controller }) => controller) ?? ownerReferences[0];
      if (!by) return [];
      const owner = { kind: by.kind.toLowerCase(), namespace, name: by.name };
      return [[refKey({ kind, namespace, name }), owner] as const];
    }),
  );
  const byLength = [...owners.values()].sort((one, other) => other.name.length - one.name.length);
  const named = ({ kind, namespace, name }: Ref) =>
    ['pod', 'replicaset', 'job'].includes(singular(kind))
      ? byLength.find((owner) => owner.namespace === namespace && name.startsWith(`${owner.name}-`))
      : undefined;
  return function ownerOf(ref): Ref {
    const by = owners.get(refKey(ref)) ?? named(ref);
    return by ? ownerOf(by) : ref;
  };
}

export async function listOwned(cluster: Cluster, signal?: AbortSignal): Promise<ClusterObject[]> {
  const kinds = [{ kind: 'pod' }, { kind: 'replicaset', group: 'apps' }, { kind: 'job', group: 'batch' }];
  return (await Promise.all(kinds.map((kind) => cluster.list(kind, {}, signal)))).flat();
}

/**
 * What each look shows that it did not show before the fault.
 * @param life the CronJobs of before: what they make comes and goes all day, and nobody looks twice; nor at them, unless one is
 *   the culprit and looks otherwise
 */
export function giveaways(
  looks: readonly { look: Look; before: string; now: string }[],
  { culprits, life, ownerOf }: { culprits: readonly Ref[]; life: readonly Ref[]; ownerOf: OwnerOf },
): Giveaway[] {
  const isOne = (of: readonly Ref[], ref: Ref) => of.some((one) => sameObject(one, ref));
  return looks.map(({ look, before, now }) => {
    const said = new Set(look.rows(before).map(({ ref, says }) => `${formatRef(ref)} ${says}`));
    const fresh = look
      .rows(now)
      .filter(({ ref, says }) => !said.has(`${formatRef(ref)} ${says}`))
      .map(({ ref }) => ({ ref, owner: ownerOf(ref) }))
      .filter(({ ref, owner }) => !isOne(life, owner) || (ref === owner && isOne(culprits, owner)))
      .map(({ owner }) => owner);
    const stands = [...new Map(fresh.map((ref) => [formatRef(ref), ref])).values()];
    return {
      command: look.command,
      stands,
      tells: stands.length > 0 && stands.every((ref) => isOne(culprits, ref)),
    };
  });
}
