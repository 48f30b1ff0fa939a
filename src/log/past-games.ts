import { describeError } from '../errors.ts';
import type { Ending } from './events.ts';
import { type GameFolder, gameFolders } from './folder.ts';
import { readLog } from './log.ts';
import { type GameState, reduceAll } from './state.ts';

/** A game of the past in one line; `misfortune games`, the wheel and the home screen read these. */
export interface PastGame {
  id: string;
  folder: GameFolder;
  /** When it was created, wall ms since epoch. */
  at: number;
  scenario: string;
  title: string;
  player: string;
  cluster: string;
  /** From its creation to its end (or its last event), ms. */
  lengthMs: number;
  /** Undefined: it never came to an end (it runs now, or was killed). */
  ending: Ending | undefined;
  /** The injection had begun. */
  played: boolean;
  restored: boolean;
}

export interface BrokenGame {
  id: string;
  folder: GameFolder;
  error: string;
}

/** All games of a state home, oldest first. One that cannot be read never hides the others. */
export function pastGames(stateHome: string): { games: PastGame[]; broken: BrokenGame[] } {
  const games: PastGame[] = [];
  const broken: BrokenGame[] = [];
  for (const folder of gameFolders(stateHome)) {
    try {
      const summary = summarise(folder, reduceAll(readLog(folder.log).events));
      if (summary) games.push(summary);
    } catch (error) {
      broken.push({ id: folder.id, folder, error: describeError(error) });
    }
  }
  return { games, broken };
}

/** Undefined for a folder whose game ended before it began. */
function summarise(folder: GameFolder, state: GameState): PastGame | undefined {
  if (!state.game) return undefined;
  const { at, scenario, title, player, cluster } = state.game;
  return {
    id: folder.id,
    folder,
    at,
    scenario,
    title,
    player,
    cluster,
    lengthMs: (state.ended?.at ?? state.at) - at,
    ending: state.ended?.ending,
    played: state.plan?.operations.some((one) => one.status !== 'planned') ?? false,
    restored: isRestored(state),
  };
}

/** The cluster is as it was before the game, as far as the log tells. */
export function isRestored(state: GameState): boolean {
  if (state.recovered) return true;
  const { restored } = state;
  return restored !== undefined && restored.differences.length + restored.conflicts.length === 0;
}
