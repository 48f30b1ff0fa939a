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
    .filter(({ path }) => path !== but.path)
    .flatMap((folder) => {
      const { mtimeMs, size } = fileOf(folder.log);
      if (mtimeMs < since) return [];
      const version = `${mtimeMs} ${size}`;
      const known = read.get(folder.path);
      const span = known?.version === version ? known.span : spanOf(folder);
      read.set(folder.path, { version, span });
      return span && span.cluster === cluster && span.game.until >= since ? [span.game] : [];
    })
    .sort((a, b) => a.from - b.from);
}

/** People's games and those that prove scenarios are kept apart, and are played on the same clusters. */
function homesBeside(stateHome: string): string[] {
  const above = dirname(stateHome);
  const isProving =
    validateHome(above) === stateHome && basename(stateHome) === basename(validateHome(above));
  return isProving ? [above, stateHome] : [stateHome, validateHome(stateHome)];
}

interface Span {
  cluster: string;
  game: EarlierGame;
}

/** By folder: the log of a game that is over changes no more, and one that proves scenarios plays hundreds beside each other. */
const read = new Map<string, { version: string; span: Span | undefined }>();

function fileOf(file: string): { mtimeMs: number; size: number } {
  try {
    return statSync(file);
  } catch {
    return { mtimeMs: 0, size: 0 };
  }
}

function spanOf(folder: GameFolder): Span | undefined {
  try {
    const { events } = readLog(folder.log);
    const state = reduceAll(events);
    // Before the injection is confirmed, its operations have been made one by one.
    const from = events.find(({ type }) => type === 'operation-applied' || type === 'injected')?.at;
    if (from === undefined || state.game === undefined) return undefined;
    return { cluster: state.game.cluster, game: { game: folder.id, from, until: effectsOver(state) } };
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
