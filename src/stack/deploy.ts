import { isDeepStrictEqual } from 'node:util';
import { type Finding, isOpened, optInLabel } from '../cluster/access/opened.ts';
import type { Cluster, ClusterObject } from '../cluster/cluster.ts';
import { formatRef, refOf } from '../cluster/ref.ts';
import {
  assertUnhindered,
  hindrances,
  isNamespace,
  isOurs,
  type Standing,
  stackPermissions,
  standings,
} from './standing.ts';

export interface DeployOptions {
  /** The stack, namespaces first. */
  objects: readonly ClusterObject[];
  cluster: Cluster;
  /** How kubectl gets there, for what a person is to do: `kubectl --context=staging`. */
  kubectl: string;
  signal?: AbortSignal;
  /** Ask the API server for everything, change nothing. */
  dryRun?: boolean;
  onDone?(deployed: Deployed): void;
}

/** `kept`: a namespace that somebody else made and opened for games. */
export interface Deployed {
  ref: string;
  done: 'created' | 'changed' | 'unchanged' | 'kept';
}

/**
 * Makes the objects of a stack as they should be. Everything is looked at before anything is touched: namespaces that are
 * there must be open for games, objects that are there must be of the stack. Once more changes nothing.
 * @throws MisfortuneError that names every refusal; ClusterError
 */
export async function deployStack(options: DeployOptions): Promise<Deployed[]> {
  const { objects, cluster, kubectl, signal, onDone } = options;
  const found = await survey(options);
  const missing = new Set(found.flatMap(({ wanted, now }) => (now ? [] : [nameOfNamespace(wanted)])));
  const deployed: Deployed[] = [];
  for (const standing of found) {
    signal?.throwIfAborted();
    // In a namespace that is not there yet the API server cannot be asked.
    const unasked = options.dryRun && missing.has(standing.wanted.metadata.namespace);
    const done = unasked ? 'created' : await bring(standing, options);
    deployed.push({ ref: formatRef(refOf(standing.wanted)), done });
    onDone?.(deployed.at(-1)!);
  }
  return deployed;

  async function survey({ dryRun }: DeployOptions): Promise<Standing[]> {
    const what = `The deployment to ${cluster.context}${dryRun ? ' (dry run)' : ''}`;
    const permissions = await stackPermissions(objects, ['get', 'create', 'patch'], cluster);
    assertUnhindered(what, await hindrances(permissions, cluster, signal));
    const all = await standings(objects, cluster, signal);
    assertUnhindered(what, [...all.flatMap((each) => refusal(each, kubectl)), ...strangers(all)]);
    if (all.some(({ wanted, now }) => isNamespace(wanted) && !now)) {
      const create = [{ verb: 'create', group: '', resource: 'namespaces' }];
      assertUnhindered(what, await hindrances(create, cluster, signal));
    }
    return all;
  }
}

const nameOfNamespace = (object: ClusterObject): string | undefined =>
  isNamespace(object) ? object.metadata.name : undefined;

function refusal({ wanted, now }: Standing, kubectl: string): Finding[] {
  if (!now) return [];
  const { name } = wanted.metadata;
  if (now.metadata.deletionTimestamp)
    return [
      {
        code: 'ending',
        message: `${formatRef(refOf(wanted))} is being deleted.`,
        todo: 'Try again when it is gone.',
      },
    ];
  if (isNamespace(wanted) && !isOpened(now))
    return [
      {
        code: 'namespace-not-allowed',
        message: `The namespace ${name} exists and is not open for games.`,
        todo: `Its owner opens it with \`${kubectl} label namespace ${name} ${optInLabel}=allowed\`.`,
      },
    ];
  return [];
}

function strangers(all: readonly Standing[]): Finding[] {
  const theirs = all.filter((standing) => standing.now && !isNamespace(standing.wanted) && !isOurs(standing));
  if (theirs.length === 0) return [];
  const names = theirs.map(({ wanted }) => formatRef(refOf(wanted))).join(', ');
  return [
    {
      code: 'not-ours',
      message: `These objects exist and are not part of this stack: ${names}.`,
      todo: 'The stack does not take over objects of others: delete them first if they are yours.',
    },
  ];
}

async function bring(
  standing: Standing,
  { cluster, signal, dryRun }: DeployOptions,
): Promise<Deployed['done']> {
  const { wanted, now } = standing;
  if (!now) {
    await cluster.create(wanted, { dryRun }, signal);
    return 'created';
  }
  if (!isOurs(standing)) return 'kept';
  const { apiVersion: _, kind: __, metadata, ...rest } = wanted;
  const { labels, annotations } = metadata;
  const body = { metadata: { labels, annotations }, ...rest };
  const after = await cluster.patch(refOf(wanted), 'merge', body, { dryRun }, signal);
  return isDeepStrictEqual(written(now), written(after)) ? 'unchanged' : 'changed';
}

/** Without what the API server counts, and what controllers write meanwhile. */
function written({ metadata, status: _, ...object }: ClusterObject): unknown {
  const { resourceVersion: __, generation: ___, managedFields: ____, ...kept } = metadata;
  return { ...object, metadata: kept };
}
