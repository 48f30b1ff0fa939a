import { currentGame } from '../../../game/api/current.ts';
import { type PastGame, pastGames } from '../../../log/past-games.ts';
import { stateHome } from '../../../paths.ts';
import { clean } from '../../../words/clean.ts';
import { clock } from '../../../words/time.ts';
import { table } from '../../../words/width.ts';
import { print } from '../../output.ts';

/** The games that were played, newest first; folders that cannot be read are named, not hidden. */
export async function games(options: { json?: boolean }): Promise<void> {
  const { games, broken } = pastGames(stateHome());
  const running = currentGame(stateHome())?.folder.id;
  // A responder may ask, too: what is played now is told at its debrief, and what was left at its briefing comes again.
  const found = {
    games: games
      .map((game) => (game.id === running || !game.played ? { ...game, scenario: '' } : game))
      .reverse(),
    broken,
  };
  const isEmpty = found.games.length + found.broken.length === 0;
  print(found, options, () =>
    isEmpty
      ? ['No game has been played yet.']
      : [
          ...table([
            ['GAME', 'SCENARIO', 'TITLE', 'ENDING', 'LENGTH', 'RESTORED'],
            ...found.games.map((game) => [
              game.id,
              game.scenario || '-',
              clean(game.title),
              game.ending ?? (game.id === running ? 'running' : 'unfinished'),
              clock(game.lengthMs),
              restoredWord(game),
            ]),
          ]),
          ...found.broken.map((game) => `${game.id}: ${game.error}`),
        ],
  );
}

function restoredWord({ restored, played }: PastGame): string {
  if (restored) return 'yes';
  return played ? 'no' : 'nothing to restore';
}
