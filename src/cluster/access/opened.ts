import type { ClusterObject } from '../cluster.ts';

/** Why something may not be done to a cluster, or what one should know before. */
export interface Finding {
  code: string;
  message: string;
  todo?: string;
}

/** The label by which a namespace's owner opens it for games. */
export const optInLabel = 'misfortune.dev/game-days';

/** Whether a namespace is open for games. */
export function isOpened({ metadata }: ClusterObject): boolean {
  return metadata.labels?.[optInLabel] === 'allowed';
}
