import { z } from 'zod';
import { parseRef } from '../../cluster/ref.ts';
import { podsOf } from '../../cluster/wait/pods.ts';
import { refText } from '../../document/fields.ts';
import { type CheckKind, objectAtRef } from '../kind.ts';
import { podNeeds, readNeed } from '../needs.ts';

/** A workload has no running pod: it is gone, suspended, scaled to nothing or complete. Its object may be there. */
export const stopped: CheckKind<{ ref: string }> = {
  schema: z.strictObject({ ref: refText }),
  async evaluate({ ref: text }, { cluster, signal }) {
    const ref = parseRef(text);
    const { running } = await podsOf(cluster, ref, signal);
    if (running.length > 0) {
      const names = running.slice(0, 3).map(({ metadata }) => metadata.name);
      const more = running.length > names.length ? ', …' : '';
      return {
        holds: false,
        value: running.length,
        seen: `${running.length} running: ${names.join(', ')}${more}`,
      };
    }
    const object = await cluster.get(ref, signal);
    return { holds: true, value: 0, seen: object ? 'no pod of it runs' : 'it is gone' };
  },
  permissions: ({ ref }) => [readNeed(ref), ...podNeeds(ref)],
  references: objectAtRef,
};
