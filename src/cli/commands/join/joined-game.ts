import type { ResponderClient } from '../../../game/api/client.ts';
import type { GameInfo } from '../../../game/api/protocol.ts';

/** A game as a responder's shell finds it, on this machine or on another. */
export interface JoinedGame {
  client: ResponderClient;
  info: GameInfo;
  /** Of the responder; default: as kubectl finds it. */
  kubeconfig: string | undefined;
  isElsewhere: boolean;
  /** What the commands in the shell need to speak to it. */
  env: Record<string, string>;
  /** Tells what happens in it, where it is not to be seen on a screen; until the signal fires or it is over. */
  follow?(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
