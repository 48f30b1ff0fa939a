import type { Movement } from './movement.ts';

/** Labels that are new with every pod, and say nothing of what it is. */
const ofOnePod = new Set(['uid', 'instance', 'container_id', 'id', 'pod_ip', 'node']);

/** What Kubernetes appends to the names of what it makes: five characters, a template's hash, a CronJob's minute. */
const generated = [/-[bcdfghjklmnpqrstvwxz2456789]{5}$/, /-([bcdfghjklmnpqrstvwxz2456789]{6,10}|\d{8,10})$/];

/** Two values of one thing: they differ by less than this share of the larger one. */
const alike = 0.1;

/**
 * Those that are not the one of a new pod that shows what the pod before it showed, nor that of the pod before it: what came or went
 * there is a name.
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
    if (one.kind !== 'appeared' && one.kind !== 'vanished') return true;
    const others = places.get(placeOf(one.labels)) ?? [];
    return !others.some((other) => other !== one && isSame(one, other));
  });
}

function isSame(one: Movement, other: Movement): boolean {
  const [value, counterpart] =
    one.kind === 'appeared' ? [one.during, other.before] : [one.before, other.during];
  if (value === null || counterpart === null) return false;
  return Math.abs(value - counterpart) <= alike * Math.max(Math.abs(value), Math.abs(counterpart));
}

/** Labels as all pods of a workload have them. */
function placeOf(labels: Readonly<Record<string, string>>): string {
  const lasting = Object.entries(labels)
    .filter(([name]) => !ofOnePod.has(name))
    .map(([name, value]) => [name, generated.reduce((rest, suffix) => rest.replace(suffix, ''), value)])
    .sort();
  return JSON.stringify(lasting);
}
