import { z } from 'zod';
import { parseRef } from '../../cluster/ref.ts';
import { refText } from '../../document/fields.ts';
import { plural } from '../../words/number.ts';
import { availablePods } from '../available.ts';
import { type CheckKind, objectAtRef } from '../kind.ts';
import { podNeeds, readNeed } from '../needs.ts';

/** At least as many available pods as wanted, or as there were at the baseline. */
export const workload: CheckKind<{ ref: string; available: number | 'baseline' }> = {
  schema: z.strictObject({ ref: refText, available: z.union([z.literal('baseline'), z.int().min(0)]) }),
  async evaluate({ ref, available }, { cluster, baseline, signal }) {
    const wanted = available === 'baseline' ? baseline.available[ref] : available;
    if (wanted === undefined) return { holds: false, gap: true, seen: `no baseline was taken of ${ref}` };
    const now = await availablePods(cluster, parseRef(ref), signal);
    if (now === undefined)
      return { holds: false, value: 0, seen: `${ref} does not exist (expected ${plural(wanted, 'pod')})` };
    return { holds: now >= wanted, value: now, seen: `${now} of ${wanted} pods available` };
  },
  permissions: ({ ref }) => [readNeed(ref), ...podNeeds(ref)],
  references: objectAtRef,
  baseline: ({ ref, available }) => (available === 'baseline' ? [ref] : []),
};
