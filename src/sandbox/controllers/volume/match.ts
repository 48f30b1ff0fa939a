import { compareQuantities } from '../../../quantity.ts';
import type { Node } from '../kinds.ts';
import { matchesTerm } from '../scheduler/node-affinity.ts';
import { matchesSelector } from '../selector.ts';
import { type Claim, isKeptFor, type Volume } from './volume-types.ts';

/** The volume kept for the claim, else of those that are free and fit the smallest. `node`: where it is to be used. */
export function findVolume(
  volumes: readonly Volume[],
  claim: Claim,
  node: Node | undefined,
): Volume | undefined {
  const fitting = volumes.filter((volume) => fits(volume, claim) && (!node || isReachable(volume, node)));
  const kept = fitting.find((volume) => isKeptFor(volume, claim));
  if (kept) return kept;
  const free = fitting.filter(({ spec, status }) => !spec.claimRef && status?.phase === 'Available');
  return free.sort((a, b) => compareQuantities(sizeOf(a), sizeOf(b)) ?? 0)[0];
}

/** Whether a node is one that the volume's node affinity allows. */
export function isReachable({ spec }: Volume, node: Node): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  return !terms || terms.some((term) => matchesTerm(term as Parameters<typeof matchesTerm>[0], node));
}

const sizeOf = ({ spec }: Volume) => spec.capacity?.storage ?? '0';

function fits(volume: Volume, { spec }: Claim): boolean {
  const { accessModes = [], storageClassName = '', volumeMode } = volume.spec;
  return (
    !volume.metadata.deletionTimestamp &&
    storageClassName === (spec.storageClassName ?? '') &&
    volumeMode === spec.volumeMode &&
    (spec.accessModes ?? []).every((mode) => accessModes.includes(mode)) &&
    (compareQuantities(sizeOf(volume), spec.resources?.requests?.storage) ?? 0) >= 0 &&
    (!spec.selector ||
      matchesSelector(spec.selector as Parameters<typeof matchesSelector>[0], volume.metadata.labels))
  );
}
