import { atOnce } from '../../at-once.ts';
import type { ClusterObject } from '../../cluster/cluster.ts';
import { sameObject } from '../../cluster/ref.ts';
import type { Engine } from '../engine.ts';
import type { Operation } from '../operation.ts';
import { createIntent } from './create.ts';
import { deleteIntent } from './delete.ts';
import { patchIntent } from './patch.ts';
import { entryOf, type FirstLook, type Intent, knownChange } from './record.ts';

/**
 * Cuts operations (in order) into stretches: within one, no operation waits for another, and none acts on the object of
 * another, so that all their objects may be looked at before the first of them is changed.
 */
export function stretches(operations: readonly Operation[]): Operation[][] {
  const cut: Operation[][] = [];
  for (const operation of operations) {
    const stretch = cut.at(-1);
    if (stretch && goesWith(stretch, operation)) stretch.push(operation);
    else cut.push([operation]);
  }
  return cut;
}

function goesWith(stretch: readonly Operation[], operation: Operation): boolean {
  const isWaitedFor = ({ verb, ready }: Operation) => verb === 'run' || ready.length > 0;
  if (operation.verb === 'run' || stretch.some(isWaitedFor)) return false;
  return stretch.every(
    ({ afterMs, ref }) => afterMs === operation.afterMs && !sameObject(ref, operation.ref),
  );
}

/**
 * Looks at the objects of a stretch at once and announces all its operations in the ledger with one write. What cannot be
 * read, or is not as it has to be, is left to the operation's turn, which says so.
 */
export async function recordAhead(
  stretch: readonly Operation[],
  engine: Engine,
): Promise<Map<string, FirstLook>> {
  const { cluster, ledger, signal } = engine;
  const open = stretch.filter(({ id, verb }) => verb !== 'run' && !knownChange(id, engine)?.applied);
  const looks = await atOnce(open, ({ ref }) =>
    cluster.get(ref, signal).then(
      (object): FirstLook => ({ object }),
      () => undefined,
    ),
  );
  signal?.throwIfAborted();
  const ahead = new Map<string, FirstLook>();
  const entries = open.flatMap((operation, index) => {
    const look = looks[index];
    if (!look) return [];
    ahead.set(operation.id, look);
    const intent = intentOf(operation, look.object, engine);
    return (intent && entryOf(operation, intent, engine)) ?? [];
  });
  if (entries.length > 0) await ledger.append(...entries);
  return ahead;
}

function intentOf(
  operation: Operation,
  object: ClusterObject | undefined,
  engine: Engine,
): Intent | undefined {
  switch (operation.verb) {
    case 'create':
      return createIntent(object);
    case 'patch':
      return patchIntent(operation, object, engine);
    case 'delete':
      return deleteIntent(object);
    case 'run':
      return undefined;
  }
}
