import { z } from 'zod';
import { formatRef, parseRef } from '../../cluster/ref.ts';
import { rolloutState } from '../../cluster/wait/rollout.ts';
import { refText } from '../../document/fields.ts';
import { type CheckKind, objectAtRef } from '../kind.ts';
import { readNeed } from '../needs.ts';

/** A rollout is complete, by the rules of `kubectl rollout status`. */
export const rollout: CheckKind<{ ref: string }> = {
  schema: z.strictObject({ ref: refText }),
  async evaluate({ ref }, { cluster, signal }) {
    const object = await cluster.get(parseRef(ref), signal);
    if (!object) return { holds: false, seen: `${formatRef(parseRef(ref))} does not exist` };
    const { complete, seen, updated } = rolloutState(object);
    return { holds: complete, seen, value: updated };
  },
  permissions: ({ ref }) => [readNeed(ref)],
  references: objectAtRef,
};
