import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { EarlierGame } from './events.ts';
import { type GameFolder, gameFolders, validateHome } from './folder.ts';
import { readLog } from './log.ts';
import { type GameState, reduceAll } from './state.ts';

/**
 * Games on a cluster that touched it after `since` (wall ms), oldest first: also those that were aborted, timed out or
 * only proved a scenario. One that cannot be read is left out. `but`: the game that asks.
 */
export function earlierGames(
  stateHome: string,
  { cluster, since, but }: { cluster: string; since: number; but: GameFolder },
): EarlierGame[] {
  return homesBeside(stateHome)
    .flatMap(gameFolders)
    .filter(({ log, path }) => path !== but.path && changedAt(log) >= since)
    .flatMap((folder) => spanOf(folder, cluster) ?? [])
    .filter(({ until }) => until >= since)
    .sort((a, b) => a.from - b.from);
}

/** People's games and those that prove scenarios are kept apart, and are played on the same clusters. */
function homesBeside(stateHome: string): string[] {
  const above = dirname(stateHome);
  const isProving =
    validateHome(above) === stateHome && basename(stateHome) === basename(validateHome(above));
  return isProving ? [above, stateHome] : [stateHome, validateHome(stateHome)];
}

function changedAt(file: string): number {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

function spanOf(folder: GameFolder, cluster: string): EarlierGame | undefined {
  try {
    const { events } = readLog(folder.log);
    const state = reduceAll(events);
    // Before the injection is confirmed, its operations have been made one by one.
    const from = events.find(({ type }) => type === 'operation-applied' || type === 'injected')?.at;
    if (from === undefined || state.game?.cluster !== cluster) return undefined;
    return { game: folder.id, from, until: effectsOver(state) };
  } catch {
    return undefined;
  }
}

/** All is as it was, and the last of its alerts is over; of what was never restored the end of the log is known. */
function effectsOver({ restored, recovered, alerts, at }: GameState): number {
  const isBack = restored?.at ?? recovered?.at ?? at;
  const resets = alerts.flatMap(({ background, state, inactiveAt }) =>
    background ? [] : [state === 'inactive' ? (inactiveAt ?? 0) : at],
  );
  return Math.max(isBack, recovered?.at ?? 0, ...resets);
}
