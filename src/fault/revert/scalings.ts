import type { ClusterObject, Ref } from '../../cluster/cluster.ts';
import { type FieldOwner, ownerOf } from '../../cluster/fields/owner.ts';
import type { Conflict } from '../../cluster/fields/three-way.ts';
import { formatRef, refKey, singular } from '../../cluster/ref.ts';
import { autoscalerOf, replicasOf, type Scale, targetOf } from '../../cluster/scales.ts';
import { persist } from '../../cluster/wait/persist.ts';
import { describeError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { LedgerState } from '../ledger/state.ts';
import { type Patience, waitRolledOut } from './rollouts.ts';

/** What autoscalers made of workloads in the game, one line each. */
export interface Scalings {
  /** Ours to put back, and not put back. */
  differences: string[];
  /** Somebody else's by now: left as it is. */
  left: string[];
}

/** What writes a scale on behalf of an autoscaler. */
const controllers = ['kube-controller-manager', 'horizontal-pod-autoscaler'];
/** What this program calls itself: its own writes are in the ledger. */
const ourselves = 'kube-client';

/**
 * Puts back the number of pods where an autoscaler that is undone had changed it: what a controller did because of the
 * game is the game's to undo, unless a person or another autoscaler looks after it by now. `decided`: workloads (by
 * `refKey`) of which is told already. May be repeated. Throws when the API server cannot be reached.
 */
export async function settleScalings(
  { opened, changes }: LedgerState,
  { undoResponder }: { undoResponder: boolean },
  decided: ReadonlySet<string>,
  patience: Patience,
  engine: Engine,
): Promise<Scalings> {
  const found: Scalings = { differences: [], left: [] };
  const undone = new Set<string>();
  for (const change of changes) {
    const scalers: unknown[] = [];
    if (change.by === 'us' && change.operation.verb === 'create') scalers.push(change.operation.object);
    if (change.by === 'responder' && undoResponder && !change.preimage.before)
      scalers.push(change.preimage.after);
    for (const scaler of scalers as (ClusterObject | undefined)[]) {
      const target = scaler && targetOf(scaler);
      if (target) undone.add(refKey(target));
    }
  }
  let open = (opened?.scales ?? []).filter(({ ref }) => !decided.has(refKey(ref)));
  // An autoscaler that had begun before it was deleted may write once more: what was written is looked at again.
  for (let turn = 0; turn < 3; turn += 1) {
    const written: Scale[] = [];
    for (const scale of open) if (await trySettle(scale, undone, found, engine)) written.push(scale);
    if (written.length === 0) return found;
    const refs = written.map(({ ref }) => ref);
    await waitRolledOut(refs, patience, engine);
    open = written;
  }
  for (const { ref, replicas } of open)
    found.differences.push(`${formatRef(ref)}: spec.replicas was put back to ${replicas} and differs again`);
  return found;
}

/** Whether it was written, and so has to be looked at again. */
async function trySettle(
  scale: Scale,
  undone: ReadonlySet<string>,
  found: Scalings,
  engine: Engine,
): Promise<boolean> {
  const isOurs = undone.has(refKey(scale.ref));
  try {
    return await putBack(scale, isOurs, found, engine);
  } catch (error) {
    engine.signal?.throwIfAborted();
    // Without an autoscaler of ours it is only told of, and who may not look cannot tell.
    const status = (error as { status?: number }).status;
    if (status === undefined || status >= 500) throw error;
    if (isOurs) found.differences.push(`${formatRef(scale.ref)}: spec.replicas: ${describeError(error)}`);
    return false;
  }
}

async function putBack(
  scale: Scale,
  isOurs: boolean,
  found: Scalings,
  { cluster, clock, signal }: Engine,
): Promise<boolean> {
  const { ref, replicas: was } = scale;
  const written = await persist({ clock, signal }, async () => {
    const now = await cluster.get(ref, signal);
    const is = replicasOf(now);
    if (!now || is === undefined || is === was) return 'as it was';
    const line = `${nameOf(ref)} spec.replicas: was ${was}, is ${is}`;
    const scaler = await autoscalerOf(ref, cluster, signal);
    const owner = writerSince(now, scale);
    if (scaler || owner || !isOurs) {
      const to = scaler ? nameOf({ kind: 'horizontalpodautoscaler', name: scaler.metadata.name }) : owner;
      found.left.push(to ? `${line}: left to ${to}` : `${line}: kept: it is not known who changed it`);
      return 'left';
    }
    const { resourceVersion } = now.metadata;
    await cluster.patch(ref, 'merge', { metadata: { resourceVersion }, spec: { replicas: was } }, {}, signal);
    return 'put back';
  });
  return written === 'put back';
}

/** Who made of a field what it is: an autoscaler by its name, else a field manager; undefined: not known. */
export async function writerOf(ref: Ref, { path }: Conflict, engine: Engine): Promise<string | undefined> {
  const { cluster, signal } = engine;
  const now = await cluster.get(ref, signal);
  if (path.join('.') === 'spec.replicas' && ref.namespace !== undefined) {
    const scaler = await autoscalerOf({ ...ref, kind: now?.kind ?? ref.kind }, cluster, signal);
    if (scaler) return nameOf({ kind: 'horizontalpodautoscaler', name: scaler.metadata.name });
  }
  const owner = ownerOf(now, path);
  return owner && owner.manager !== ourselves ? owner.manager : undefined;
}

/** A person or another program that has scaled it since the game began; no controller, and not ourselves. */
function writerSince(now: ClusterObject, { owner: before }: Scale): string | undefined {
  const owner: FieldOwner | undefined = ownerOf(now, ['spec', 'replicas']);
  if (!owner || [...controllers, ourselves].includes(owner.manager)) return undefined;
  // Of before the game: whoever wrote since leaves no trace here.
  if (owner.manager === before?.manager && owner.time === before.time) return undefined;
  return owner.manager;
}

function nameOf({ kind, namespace, name }: Ref): string {
  return [singular(kind), ...(namespace === undefined ? [] : [namespace]), name].join('/');
}
