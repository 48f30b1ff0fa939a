import { type GameFolder, gameFolders, validateHome } from '../../log/folder.ts';
import { readLog } from '../../log/log.ts';
import { reduceAll } from '../../log/state.ts';
import { conductorAddress } from '../api/current.ts';
import { validatesInProgress } from '../validate/turn.ts';

/** A process that plays, or will go on playing, on a cluster. */
export interface Running {
  /** A game's id, or what plays many. */
  what: string;
  pid: number;
  /** On the sandbox. */
  sandbox: boolean;
}

/** Every game of this user that runs now, those of `validate` too, and a `validate` that is between two of them. */
export function findRunning(stateHome: string): Running[] {
  const games = [stateHome, validateHome(stateHome)].flatMap(gameFolders).flatMap((folder): Running[] => {
    const address = conductorAddress(folder);
    return address ? [{ what: `game ${folder.id}`, pid: address.pid, sandbox: isOnSandbox(folder) }] : [];
  });
  const proofs = validatesInProgress(stateHome)
    .filter((proof) => !games.some(({ pid }) => pid === proof.pid))
    .map(({ pid, sandbox }): Running => ({ what: '`misfortune validate`', pid, sandbox }));
  return [...games, ...proofs];
}

/** One of which nothing is known yet may be. */
function isOnSandbox({ log }: GameFolder): boolean {
  try {
    return reduceAll(readLog(log).events).game?.sandbox ?? true;
  } catch {
    return true;
  }
}
