/** How a guardian is run on a cluster. */
export interface GuardianSettings {
  /** `game`: brought along and taken away by each game. `installed`: by an admin, once. `off`: none. */
  mode: 'game' | 'installed' | 'off';
  /** For it and for the ledgers; never a target. It has to be there. */
  namespace: string;
  /** Any with Node 20 or newer as `node`. */
  image: string;
  imagePullSecrets: string[];
  /** As in a container's spec. */
  resources?: object;
  /** As in a pod's spec. */
  tolerations?: object[];
  /** Seconds of silence after which it acts: the duration of the game's Lease. */
  after: number;
}

/** Names of its objects, which say nothing of games. A game's own and an installed one may be there together. */
export function guardianName(mode: 'game' | 'installed'): string {
  return mode === 'game' ? 'maintenance-task' : 'maintenance-agent';
}

/** Whether the holder of a Lease is a guardian: a pod is called after its Deployment. */
export function isGuardian(holder: string): boolean {
  return (['game', 'installed'] as const).some((mode) => holder.startsWith(`${guardianName(mode)}-`));
}
