import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { currentGame } from '../../../game/api/current.ts';
import { type GameFolder, gameFolder, gamesHome } from '../../../log/folder.ts';
import { stateHome } from '../../../paths.ts';

/**
 * The games of a folder, else those of this machine; what is played now is told at its debrief.
 * @throws MisfortuneError `no-games` for a path that is no folder
 */
export function gamesOver(folder: string | undefined): GameFolder[] {
  const home = stateHome();
  const running = currentGame(home)?.folder.path;
  return foldersIn(folder ?? gamesHome(home), folder !== undefined).filter(({ path }) => path !== running);
}

/** The games of a folder, also of one that holds them in `games`; a folder of one game is that game. */
function foldersIn(path: string, isNamed: boolean): GameFolder[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    if (!isNamed) return [];
    throw new MisfortuneError('no-games', `Expected a folder of games, got ${path}.`, {
      todo: 'A game is a folder with a log.jsonl; `misfortune games` lists those of this machine.',
      exitCode: exitCodes.usage,
    });
  }
  if (existsSync(join(path, 'log.jsonl'))) return [gameFolder(path)];
  if (existsSync(join(path, 'games'))) return foldersIn(join(path, 'games'), isNamed);
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => gameFolder(join(path, entry.name)))
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
}
