import { pastGames } from '../log/past-games.ts';
import { stateHome } from '../paths.ts';
import { clean, duration } from '../tui/text.ts';
import { print, table } from './output.ts';

/** The games that were played, newest first; folders that cannot be read are named, not hidden. */
export async function games(options: { json?: boolean }): Promise<void> {
  const found = pastGames(stateHome());
  print(found, options, () => [
    ...table([
      ['GAME', 'SCENARIO', 'TITLE', 'ENDING', 'LENGTH', 'RESTORED'],
      ...found.games.map((game) => [
        game.id,
        game.scenario,
        clean(game.title),
        game.ending ?? 'unfinished',
        duration(game.lengthMs),
        game.restored ? 'yes' : 'no',
      ]),
    ]),
    ...found.broken.map((game) => `${game.id}: ${game.error}`),
  ]);
}
