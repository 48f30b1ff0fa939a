import type { Clock } from '../../clock.ts';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import type { Action, Preimage, ValueChange } from '../../recorder/action.ts';
import { valueChanges } from '../../recorder/value-changes.ts';
import type { OwnWrites } from './own-writes.ts';

export interface ChangeWatchOptions {
  cluster: Pick<Cluster, 'watch'>;
  namespaces: readonly string[];
  clock: Clock;
  /** The game's own: steps that come later, or again. */
  own: OwnWrites;
  /** What came through the recorder so far. */
  recorded(): readonly Preimage[];
  report(action: Action): void;
  signal: AbortSignal;
}

const autoscalers = { kind: 'horizontalpodautoscalers', group: 'autoscaling' };

/** Kinds that people change by hand or by a pipeline; what controllers make of them is not watched. */
export const watchedKinds: readonly { kind: string; group: string }[] = [
  ...['deployments', 'statefulsets', 'daemonsets'].map((kind) => ({ kind, group: 'apps' })),
  ...['jobs', 'cronjobs'].map((kind) => ({ kind, group: 'batch' })),
  ...['configmaps', 'services', 'resourcequotas', 'limitranges'].map((kind) => ({ kind, group: '' })),
  ...['ingresses', 'networkpolicies'].map((kind) => ({ kind, group: 'networking.k8s.io' })),
  autoscalers,
  { kind: 'poddisruptionbudgets', group: 'policy' },
];

/** The recorder tells of a write before it is forwarded, and again when it was answered: give it that time. */
const settleMs = 1_500;
/** A change so soon after a recorded write of the same object is that write, or what it led to. */
const sameWriteMs = 10_000;

/**
 * Sees changes that passed by the recorder (a rollback by a pipeline, somebody's own kubectl): each becomes an action
 * whose actor is unknown, so that a step can be recognised by its outcome. Runs until the signal fires.
 */
export async function watchChanges(options: ChangeWatchOptions): Promise<void> {
  const { cluster, namespaces, clock, signal } = options;
  const started = clock.now();
  const autoscaled = new Autoscaled();
  const watches = namespaces.flatMap((namespace) =>
    watchedKinds.map(({ kind, group }) => {
      const seen = new Map<string, ClusterObject>();
      return cluster.watch(
        { kind, group },
        { namespace },
        ({ type, object }) => {
          const before = seen.get(object.metadata.name);
          if (type === 'DELETED') seen.delete(object.metadata.name);
          else seen.set(object.metadata.name, object);
          if (kind === autoscalers.kind) autoscaled.note(type, object);
          const change = changeOf(type, before, object, started);
          if (change && !autoscaled.explains(change, object))
            void judge(options, { group, resource: kind, object, ...change });
        },
        signal,
      );
    }),
  );
  // A kind that the cluster lacks has no changes.
  await Promise.allSettled(watches);
}

interface Change {
  verb: 'create' | 'patch' | 'delete';
  paths: string[];
  changes?: ValueChange[];
  /** What the writer calls itself; of a delete nobody says. */
  manager?: string;
}

/** What HorizontalPodAutoscalers scale: a change of its replicas alone is theirs. */
class Autoscaled {
  /** By namespace and name of the autoscaler. */
  private readonly targets = new Map<string, string>();

  note(type: 'ADDED' | 'MODIFIED' | 'DELETED', { metadata, spec }: ClusterObject): void {
    const { scaleTargetRef } = spec as { scaleTargetRef: { kind: string; name: string } };
    const own = `${metadata.namespace}/${metadata.name}`;
    if (type === 'DELETED') this.targets.delete(own);
    else this.targets.set(own, `${metadata.namespace}/${scaleTargetRef.kind}/${scaleTargetRef.name}`);
  }

  explains({ paths }: Change, { kind, metadata }: ClusterObject): boolean {
    if (paths.length !== 1 || paths[0] !== 'spec.replicas') return false;
    return [...this.targets.values()].includes(`${metadata.namespace}/${kind}/${metadata.name}`);
  }
}

/** What a person could have done; undefined for status, bookkeeping, and what a controller made. */
function changeOf(
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  before: ClusterObject | undefined,
  object: ClusterObject,
  started: number,
): Change | undefined {
  if (object.metadata.ownerReferences?.some(({ controller }) => controller)) return undefined;
  if (type === 'DELETED') return { verb: 'delete', paths: [] };
  if (!before) {
    // The list at the beginning comes as ADDED, too; timestamps are cut to the second.
    const created = Date.parse(object.metadata.creationTimestamp ?? '');
    return created > started ? { verb: 'create', paths: [], ...managerOf(undefined, object) } : undefined;
  }
  const changes = valueChanges(plural(object), before, object).filter(
    ({ path }) => !path.startsWith('metadata'),
  );
  const paths = changes.map(({ path }) => path);
  return paths.length > 0 ? { verb: 'patch', paths, changes, ...managerOf(before, object) } : undefined;
}

/** What values may be shown of is told by the kind. */
function plural({ kind }: ClusterObject): string {
  return `${kind.toLowerCase()}s`;
}

interface ManagedFields {
  manager?: string;
  operation?: string;
  subresource?: string;
  time?: string;
}

/** The field manager whose entry is new, or was written anew; the status is the controllers' own. */
function managerOf(before: ClusterObject | undefined, object: ClusterObject): { manager?: string } {
  const entries = ({ metadata }: ClusterObject) =>
    ((metadata.managedFields ?? []) as ManagedFields[]).filter(({ subresource }) => subresource !== 'status');
  const known = new Set(before ? entries(before).map((entry) => JSON.stringify(entry)) : []);
  const fresh = entries(object)
    .filter((entry) => !known.has(JSON.stringify(entry)))
    .sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  // Who loses fields to another has a changed entry, too: the writer's is the one with the newest time.
  const manager = fresh[0]?.manager;
  return manager === undefined ? {} : { manager };
}

async function judge(
  { clock, own, recorded, report, signal }: ChangeWatchOptions,
  change: Change & { group: string; resource: string; object: ClusterObject },
): Promise<void> {
  const at = clock.now();
  const { verb, paths, changes, manager, group, resource, object } = change;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  try {
    await clock.sleep(settleMs, signal);
  } catch {
    return;
  }
  if (own.has(object, verb === 'delete')) return;
  const theirs = recorded().some(
    (write) =>
      write.resource === resource &&
      write.name === name &&
      write.namespace === namespace &&
      write.at <= at + settleMs &&
      (write.at > at - sameWriteMs || versionOf(write) === resourceVersion),
  );
  if (theirs) return;
  const what = { create: 'created', patch: 'changed', delete: 'deleted' }[verb];
  const where = paths.length > 0 ? `: ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', …' : ''}` : '';
  report({
    id: `seen-${uid}-${resourceVersion}-${verb}`,
    at,
    until: at,
    who: 'unknown',
    surface: 'cluster',
    effect: 'mutate',
    title: `${resource} ${namespace}/${name} ${what} past the recorder${manager ? ` by ${manager}` : ''}${where}`,
    requests: [
      {
        verb,
        group,
        version: object.apiVersion.split('/').at(-1) ?? '',
        resource,
        name,
        status: 200,
        ...(namespace ? { namespace } : {}),
        ...(paths.length > 0 ? { paths } : {}),
        ...(changes ? { changes } : {}),
        ...(manager ? { fieldManager: manager } : {}),
      },
    ],
  });
}

function versionOf({ after }: Preimage): unknown {
  return (after?.metadata as { resourceVersion?: unknown } | undefined)?.resourceVersion;
}
