import { z } from 'zod';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import { formatRef, parseRef, refOf } from '../../cluster/ref.ts';
import { isReadyPod, podsOf } from '../../cluster/wait/pods.ts';
import { rolloutState } from '../../cluster/wait/rollout.ts';
import { duration, refText } from '../../document/fields.ts';
import { duration as inWords } from '../../words/time.ts';
import { actIn, type CheckContext, type CheckKind, type Finding, objectAtRef, remembered } from '../kind.ts';
import { podNeeds, readNeed } from '../needs.ts';

interface Spec {
  ref: string;
  /** Milliseconds until the pod that takes its place has to be ready; default 1 min. */
  within: number;
}

/** One pod that was deleted. */
interface Deleted {
  /** Of the workload: another template or number of pods is another question. */
  version: string;
  name: string;
  /** UIDs of the pods that were there before. */
  known: readonly (string | undefined)[];
  /** Monotonic ms. */
  at: number;
  /** Once a ready pod has taken its place in time. */
  replaced?: string;
}

/**
 * A pod that is deleted is made anew and becomes ready: what runs now would also start again. One pod of the workload is
 * deleted, when all are available, and again only after the workload was changed or after it did not come back.
 */
export const recreate: CheckKind<Spec> = {
  schema: z.strictObject({ ref: refText, within: duration.prefault('1m') }),
  evaluate: (spec, context) =>
    remembered<Deleted>(`recreate ${spec.ref}`, context, (last) => look(spec, last, context)),
  acts: true,
  permissions({ ref }) {
    const { namespace } = parseRef(ref);
    return [readNeed(ref), ...podNeeds(ref), { kind: 'pods', group: '', namespace, verbs: ['delete'] }];
  },
  references: objectAtRef,
};

async function look(
  { ref: text, within }: Spec,
  last: Deleted | undefined,
  context: CheckContext,
): Promise<[Finding, Deleted?]> {
  const { cluster, signal } = context;
  const ref = parseRef(text);
  const { clock } = actIn(ref.namespace, context);
  const object = await cluster.get(ref, signal);
  if (!object) return [{ holds: false, seen: `${formatRef(ref)} does not exist` }];
  const { complete, seen } = rolloutState(object);
  const ready = (await podsOf(cluster, ref, signal)).running.filter(isReadyPod);
  const version = `${object.metadata.uid} ${object.metadata.generation}`;
  if (last?.version === version) {
    if (last.replaced !== undefined) return [{ holds: true, seen: last.replaced }, last];
    const passed = clock.mono() - last.at;
    const replacement = ready.find(({ metadata }) => !last.known.includes(metadata.uid));
    const gone = `${last.name} was deleted ${inWords(passed)} ago`;
    if (passed <= within) {
      if (!complete || !replacement) return [{ holds: false, gap: true, seen: `${gone}: ${seen}` }, last];
      const replaced = `${replacement.metadata.name} took the place of ${last.name} within ${inWords(passed)}`;
      return [
        { holds: true, seen: replaced },
        { ...last, replaced },
      ];
    }
    if (!complete) return [{ holds: false, seen: `${gone} and did not come back: ${seen}` }, last];
  }
  if (!complete || ready.length === 0)
    return [{ holds: false, seen: `no pod was deleted to try it: ${seen}` }];
  return await deleteOne(ready, version, cluster, clock.mono());
}

async function deleteOne(
  ready: readonly ClusterObject[],
  version: string,
  cluster: Cluster,
  at: number,
): Promise<[Finding, Deleted]> {
  const age = ({ metadata }: ClusterObject): string => metadata.creationTimestamp ?? '';
  const oldest = ready.reduce((one, other) => (age(other) < age(one) ? other : one));
  const { name, uid } = oldest.metadata;
  await cluster.delete(refOf(oldest), { uid });
  const known = ready.map(({ metadata }) => metadata.uid);
  return [
    { holds: false, gap: true, seen: `${name} was deleted just now` },
    { version, name, known, at },
  ];
}
