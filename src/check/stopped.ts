import { podsOf } from '../cluster/pods.ts';
import { parseRef } from '../cluster/ref.ts';
import type { CheckContext, Finding } from './evaluate.ts';

/** A workload has no running pod: it is gone, suspended, scaled to nothing or complete. Its object may be there. */
export async function checkStopped(text: string, { cluster, signal }: CheckContext): Promise<Finding> {
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
}
