import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../clock.ts';
import type { Cluster, ClusterObject, Ref } from '../cluster.ts';
import { type FieldPath, fieldAt, formatPath } from '../fields/path.ts';
import { formatRef, singular } from '../ref.ts';
import { refusalOfPods } from './pods.ts';
import { rolloutState } from './rollout.ts';
import { type Look, until } from './until.ts';

/** What is waited for, `within` seconds. `needed`: without it the fault is not there, and nothing that follows is made. */
export type ReadyCondition = { within: number; needed?: true } & (
  | {
      /** The field of the object itself, or of `ref`: equal to a value, or a number of at least so much. */
      type: 'field';
      ref?: Ref;
      path: FieldPath;
      equals?: unknown;
      atLeast?: number;
    }
  /** The workload's rollout is complete. */
  | { type: 'rollout'; ref: Ref }
);

const refused = { holds: false, isFinal: true } as const;

/** Waits for a condition; `own` is the operation's object. Gives the last look, held or not. */
export async function waitReady(
  condition: ReadyCondition,
  own: Ref,
  cluster: Cluster,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Look> {
  const ref = condition.ref ?? own;
  return until(
    async () => {
      const object = await cluster.get(ref, signal);
      if (!object) return { holds: false, seen: `${formatRef(ref)} is not there` };
      if (condition.type !== 'rollout') {
        const look = fieldHolds(condition, object);
        const refusal = look.holds ? undefined : await refusalOfPods(ref, cluster, signal);
        return refusal === undefined ? look : { ...refused, seen: `its pods are refused: ${refusal}` };
      }
      const { complete, seen } = rolloutState(object);
      return { holds: complete, seen };
    },
    condition.within,
    clock,
    signal,
  );
}

/**
 * Waits until an object is gone for good, and a Job's pods with it: a Job that is deleted in the background
 * leaves first. Pods that its name's next owner has are not waited for.
 */
export async function waitGone(
  ref: Ref,
  uid: string | undefined,
  seconds: number,
  cluster: Cluster,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Look> {
  const objectGone = await until(
    async () => {
      const object = await cluster.get(ref, signal);
      if (!object || (uid !== undefined && object.metadata.uid !== uid)) return { holds: true, seen: 'gone' };
      const finalizers = object.metadata.finalizers?.join(', ');
      return { holds: false, seen: finalizers ? `held by finalizers: ${finalizers}` : 'still being deleted' };
    },
    seconds,
    clock,
    signal,
  );
  if (!objectGone.holds || !leavesPods(ref) || uid === undefined) return objectGone;
  return until(
    async () => {
      const pods = await cluster.list({ kind: 'pods' }, { namespace: ref.namespace }, signal);
      const left = pods.filter((pod) => pod.metadata.ownerReferences?.some((owner) => owner.uid === uid));
      return {
        holds: left.length === 0,
        seen: left.length === 0 ? 'gone' : `${left.length} pods are still ending`,
      };
    },
    seconds,
    clock,
    signal,
  );
}

/** Whether its pods may outlive it for a while, at work. */
export function leavesPods({ kind }: Ref): boolean {
  return singular(kind) === 'job';
}

function fieldHolds(condition: Extract<ReadyCondition, { type: 'field' }>, object: ClusterObject): Look {
  const value = fieldAt(object, condition.path);
  const holds =
    condition.atLeast !== undefined
      ? typeof value === 'number' && value >= condition.atLeast
      : isDeepStrictEqual(value, condition.equals);
  return { holds, seen: `${formatPath(condition.path)} is ${JSON.stringify(value) ?? 'absent'}` };
}
