import type { Ref } from '../../cluster/cluster.ts';
import { formatPath, formatValue } from '../../cluster/fields/path.ts';
import type { Conflict } from '../../cluster/fields/three-way.ts';
import { formatRef } from '../../cluster/ref.ts';

/** A conflict in one line for people: who made what of a field. */
export function describeConflict(
  ref: Ref,
  { path, base, current, target, refused, writer = 'somebody' }: Conflict,
): string {
  const where = `${formatRef(ref)} ${formatPath(path)}`;
  if (refused !== undefined)
    return `${where}: was ${formatValue(target)}, is ${formatValue(current)}, and cannot be put back: ${refused}`;
  return `${where}: was ${formatValue(target)}, the game made it ${formatValue(base)}, ${writer} made it ${formatValue(current)}`;
}
