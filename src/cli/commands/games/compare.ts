import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { gradeGame } from '../../../grade/grade.ts';
import { loadGradeInput } from '../../../grade/load.ts';
import type { Scorecard } from '../../../grade/scorecard.ts';
import { findGameFolder, type GameFolder } from '../../../log/folder.ts';
import { pastGames } from '../../../log/past-games.ts';
import { stateHome } from '../../../paths.ts';
import { compareGames, comparisonMarkdown, comparisonTable } from '../../../report/compare.ts';
import { clean } from '../../../words/clean.ts';
import { table } from '../../../words/width.ts';
import { print } from '../../output.ts';
import { assertOver } from '../report.ts';

/** Puts games of one scenario beside each other: those that are named, or all that were played of a scenario. */
export async function compare(
  names: string[],
  options: { scenario?: string; json?: boolean; markdown?: boolean },
): Promise<void> {
  const cards: Scorecard[] = [];
  for (const folder of foldersOf(names, options.scenario)) {
    assertOver(folder);
    const card = gradeGame(await loadGradeInput(folder));
    if (card.played) cards.push(card);
    else if (names.length > 0)
      throw usage(`Nobody responded in game ${folder.id}: there is nothing to compare.`);
  }
  const scenarios = [...new Set(cards.map(({ game }) => game.scenario))];
  if (scenarios.length > 1)
    throw usage(
      `Expected games of one scenario, got ${scenarios.join(', ')}.`,
      'Compare those of one of them.',
    );
  if (cards.length < 2)
    throw usage(
      `Expected two games or more that were played, got ${cards.length}.`,
      '`misfortune games` lists them; --scenario NAME takes all of a scenario.',
    );
  const comparison = compareGames(cards);
  if (options.markdown && !options.json) process.stdout.write(comparisonMarkdown(comparison));
  else
    print(comparison, options, () => [
      `${clean(comparison.title)} (${comparison.scenario})`,
      ...table(comparisonTable(comparison).map((row) => row.map(clean))),
    ]);
}

function foldersOf(names: readonly string[], scenario: string | undefined): GameFolder[] {
  if (scenario === undefined) return names.map((name) => findGameFolder(stateHome(), name));
  if (names.length > 0) throw usage('Expected games or --scenario, got both.');
  return pastGames(stateHome()).games.flatMap((game) =>
    game.scenario === scenario && game.played && game.ending !== undefined ? [game.folder] : [],
  );
}

function usage(message: string, todo?: string): MisfortuneError {
  return new MisfortuneError('cannot-compare', message, { ...(todo && { todo }), exitCode: exitCodes.usage });
}
