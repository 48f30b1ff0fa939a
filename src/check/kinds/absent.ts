import { z } from 'zod';
import { parseRef } from '../../cluster/ref.ts';
import { refText } from '../../document/fields.ts';
import type { CheckKind } from '../kind.ts';
import { readNeed } from '../needs.ts';

/** An object does not exist. */
export const absent: CheckKind<{ ref: string }> = {
  schema: z.strictObject({ ref: refText }),
  async evaluate({ ref }, { cluster, signal }) {
    const object = await cluster.get(parseRef(ref), signal);
    return { holds: object === undefined, seen: `${ref} ${object ? 'still exists' : 'does not exist'}` };
  },
  permissions: ({ ref }) => [readNeed(ref)],
  references: () => [],
};
