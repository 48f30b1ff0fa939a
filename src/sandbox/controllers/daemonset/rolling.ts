import type { ControllerContext } from '../context.ts';
import { portion } from '../deployment/limits.ts';
import type { DaemonSet, Node, Pod } from '../kinds.ts';
import { deletePod } from '../pod-control.ts';
import { millisUntilAvailable } from '../pod-state.ts';
import { COMPONENT, createMember, isUpdated, nodeOf } from './members.ts';
import { placement } from './placement.ts';

interface Place {
  node: string;
  old?: Pod;
  fresh?: Pod;
}

/**
 * Replaces pods of older templates (pkg/controller/daemon/update.go): with maxUnavailable the old pod goes first and
 * its place is filled later; with maxSurge the new one comes first.
 */
export function rollPods(
  context: ControllerContext,
  set: DaemonSet,
  pods: readonly Pod[],
  hash: string,
): void {
  const { maxUnavailable = 1, maxSurge = 0 } = set.spec.updateStrategy.rollingUpdate ?? {};
  const nodes = (context.api.list('nodes') as readonly Node[]).filter((node) => placement(set, node).run);
  const places = nodes.map(({ metadata }) => placeOf(set, metadata.name, pods, hash));
  const surge = portion(maxSurge, nodes.length, Math.ceil);
  if (surge > 0) addNew(context, set, places, hash, surge);
  else removeOld(context, set, places, portion(maxUnavailable, nodes.length, Math.ceil));
}

function placeOf(set: DaemonSet, node: string, pods: readonly Pod[], hash: string): Place {
  const staying = pods.filter((pod) => nodeOf(pod) === node && pod.metadata.deletionTimestamp === undefined);
  return {
    node,
    fresh: staying.find((pod) => isUpdated(set, pod, hash)),
    old: staying.find((pod) => !isUpdated(set, pod, hash)),
  };
}

function removeOld(
  context: ControllerContext,
  set: DaemonSet,
  places: readonly Place[],
  limit: number,
): void {
  const replaced: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const { old, fresh } of places) {
    if (old && !fresh) {
      if (isAvailable(context, set, old)) candidates.push(old);
      else {
        // It does not serve anyway.
        replaced.push(old);
        unavailable += 1;
      }
    } else if (!fresh || old || !isAvailable(context, set, fresh)) unavailable += 1;
  }
  const more = candidates.slice(0, Math.max(0, limit - unavailable));
  for (const pod of [...replaced, ...more]) deletePod(context, COMPONENT, set, pod);
}

/** The old pod goes when the new one is available (see placePods). */
function addNew(
  context: ControllerContext,
  set: DaemonSet,
  places: readonly Place[],
  hash: string,
  limit: number,
): void {
  const waiting = places.filter(({ old, fresh }) => old && !fresh);
  const isDown = ({ old }: Place) => old !== undefined && !isAvailable(context, set, old);
  const surging = places.filter(({ old, fresh }) => old && fresh && !isAvailable(context, set, fresh)).length;
  const candidates = waiting.filter((place) => !isDown(place)).slice(0, Math.max(0, limit - surging));
  for (const { node } of [...waiting.filter(isDown), ...candidates]) createMember(context, set, node, hash);
}

function isAvailable({ clock }: ControllerContext, { spec }: DaemonSet, pod: Pod): boolean {
  return millisUntilAvailable(pod, spec.minReadySeconds ?? 0, clock.now()) === 0;
}
