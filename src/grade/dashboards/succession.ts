import type { Movement } from './movement.ts';

/** Labels that are new with every pod, and say nothing of what it is. */
const ofOnePod = new Set(['uid', 'instance', 'container_id', 'id', 'pod_ip', 'node']);

/** What Kubernetes appends to the names of what it makes: five characters, a template's hash, a CronJob's minute. */
const generated = [/-[bcdfghjklmnpqrstvwxz2456789]{5}$/, /-([bcdfghjklmnpqrstvwxz2456789]{6,10}|\d{8,10})$/];

/** Two values of one thing: they differ by less than this share of the larger one. */
const alike = 0.1;

/**
 * Those that are not the one of a new pod that shows what another of its workload showed, nor that of a pod that a new one replaced: what
 * came or went there is a name. The same holds for ReplicaSets.
 */
export function withoutSuccession(movements: readonly Movement[]): Movement[] {
  const places = new Map<string, Movement[]>();
  for (const one of movements) {
    const place = placeOf(one.labels);
    const others = places.get(place);
    if (others) others.push(one);
    else places.set(place, [one]);
  }
  return movements.filter((one) => {
    const others = places.get(placeOf(one.labels)) ?? [];
    return !others.some((other) => other !== one && (succeeds(one, other) || succeeds(other, one, true)));
  });
}

/** Whether a new series shows what another showed before; `isLast`: and that one is gone, or at 0 as an old ReplicaSet is. */
function succeeds(next: Movement, old: Movement, isLast = false): boolean {
  if (next.kind !== 'appeared' || next.during === null || old.before === null) return false;
  if (isLast && old.kind !== 'vanished' && old.during !== 0) return false;
  return Math.abs(next.during - old.before) <= alike * Math.max(Math.abs(next.during), Math.abs(old.before));
}

/** Labels as all pods of a workload have them. */
function placeOf(labels: Readonly<Record<string, string>>): string {
  const lasting = Object.entries(labels)
    .filter(([name]) => !ofOnePod.has(name))
    .map(([name, value]) => [name, generated.reduce((rest, suffix) => rest.replace(suffix, ''), value)])
    .sort();
  return JSON.stringify(lasting);
}
