import { atOnce } from '../../at-once.ts';
import { podsOf } from '../../cluster/wait/pods.ts';
import type { Engine } from '../engine.ts';
import type { Unit } from './units.ts';

/**
 * After what pods read as they start was put back: ends those that started while it was changed, so that their controllers make
 * new ones. Gives a note for each workload that had any. Throws ClusterError when the API server refuses it.
 */
export async function renewReaders(unit: Unit, { cluster, signal }: Engine): Promise<string[]> {
  if (unit.type !== 'object') return [];
  const readers = unit.changes.flatMap((change) => (change.by === 'us' && change.operation.readers) || []);
  const notes = await atOnce(readers, async ({ ref, before }) => {
    const { running } = await podsOf(cluster, ref, signal);
    const late = running.filter(
      ({ metadata }) => !metadata.deletionTimestamp && !before.includes(metadata.uid ?? ''),
    );
    for (const { metadata } of late) {
      const { name, namespace, uid } = metadata;
      await cluster.delete({ kind: 'pod', namespace, name }, { uid, propagation: 'Background' }, signal);
    }
    return late.length > 0
      ? [`${late.length} pods of ${ref.name} started while it was changed, and are made anew`]
      : [];
  });
  return notes.flat();
}
