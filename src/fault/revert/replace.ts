import { isDeepStrictEqual } from 'node:util';
import type { ClusterObject, Ref } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { fieldChanges } from '../../cluster/fields/changes.ts';
import { fieldAt } from '../../cluster/fields/path.ts';
import { recreatable } from '../../cluster/fields/server-fields.ts';
import type { Conflict } from '../../cluster/fields/three-way.ts';
import { formatRef } from '../../cluster/ref.ts';
import { waitGone } from '../../cluster/wait/ready.ts';
import { describeError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { ledgerState } from '../ledger/state.ts';
import { isDeletable } from '../operation.ts';
import { withoutPassing } from './passing.ts';
import type { Unwound } from './unwind.ts';

/** Seconds that the object may take to go. */
const GONE_WITHIN = 90;

/** What an API server itself brings. An operator may take data away with an object of its own kind. */
const replaceableGroups = new Set([
  ...['v1', 'apps', 'batch', 'autoscaling', 'policy'],
  ...['networking.k8s.io', 'rbac.authorization.k8s.io'],
]);

/** A patch that the API server refused for a field that may not change once it is set (a Service's address). */
export interface Refused {
  ref: Ref;
  now: ClusterObject;
  wanted: Unwound & { target: ClusterObject };
  /** What the API server said. */
  said: string;
}

/**
 * Deletes the object and creates it as it is to be. It is in the ledger before, so that whoever comes after a crash in
 * between creates it. Gives why that would not be safe; nothing is done then.
 * @throws ClusterError `conflict` where somebody changed it since it was read
 */
export async function replace(
  { ref, now, wanted, said }: Refused,
  { side }: { side?: 'ours' | 'theirs' },
  engine: Engine,
): Promise<string | undefined> {
  const { cluster, ledger, clock, signal } = engine;
  const object = recreatable(wanted.target);
  const { uid = '', resourceVersion } = now.metadata;
  if (side === 'theirs') return said;
  if (!isReplaceable(now)) return `${said}. A ${now.kind} is never deleted and created again`;
  if (side === undefined && !wanted.isKnown) return `${said}. Somebody else has changed it since`;
  const refusal = await tryOut(ref, object, { uid }, engine);
  if (refusal !== undefined) return refusal;
  await ledger.append({ type: 'replacing', ref, uid, object });
  await cluster.delete(ref, { uid, resourceVersion, propagation: 'Background' }, signal);
  const gone = await waitGone(ref, uid, GONE_WITHIN, cluster, clock, signal);
  return gone.holds ? undefined : `it was deleted to be created again, and is ${gone.seen}`;
}

/** What is to be created, because a replacement was begun: the object that was there is gone. */
export function begunReplacement(ref: Ref, { ledger }: Pick<Engine, 'ledger'>): ClusterObject | undefined {
  return ledgerState(ledger.entries).replacing.get(formatRef(ref))?.object;
}

/** The fields for which a person has to decide, because the API server does not let them be changed in place. */
export function inTheWay({ now, wanted, said }: Refused, why: string): Conflict[] {
  const [is, was] = [now, wanted.target].map((object) => withoutPassing(recreatable(object)));
  const changed = fieldChanges(is, was).map(({ path }) => path);
  // The server names the fields that it minds: spec.clusterIPs[0].
  const named = changed.filter((path) => path.some((key) => typeof key === 'string' && said.includes(key)));
  const paths = named.some((path) => !isDeepStrictEqual(path.slice(0, 1), ['metadata'])) ? named : changed;
  return paths.map((path) => {
    return { path, base: undefined, current: fieldAt(is, path), target: fieldAt(was, path), refused: why };
  });
}

function isReplaceable({ apiVersion, kind, spec }: ClusterObject): boolean {
  const group = apiVersion.split('/')[0]!;
  // Its volumes would go with it.
  const policy = fieldAt(spec, ['persistentVolumeClaimRetentionPolicy', 'whenDeleted']);
  return isDeletable({ kind }) && replaceableGroups.has(group) && policy !== 'Delete';
}

/** What the API server would say to deleting and to creating it; that the name is taken is as it should be. */
async function tryOut(
  ref: Ref,
  object: ClusterObject,
  { uid }: { uid: string },
  { cluster, signal }: Engine,
): Promise<string | undefined> {
  try {
    await cluster.delete(ref, { uid, dryRun: true, propagation: 'Background' }, signal);
    await cluster.create(object, { dryRun: true }, signal);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    if (error.code === 'already-exists') return undefined;
    if (error.status === undefined || error.status >= 500 || error.status === 409) throw error;
    return describeError(error);
  }
  return undefined;
}
