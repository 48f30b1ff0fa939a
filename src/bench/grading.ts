import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { grade } from '../grade/grade.ts';
import { loadGradeInput } from '../grade/load.ts';
import { gameFolder } from '../log/folder.ts';
import { packageRoot } from '../paths.ts';
import { type Figure, spread, timed } from './measure.ts';

const rounds = 5;

/** Grading the recorded games of the fixtures: reading the folder and all formulas. */
export async function gradingFigures(): Promise<Figure[]> {
  const games = join(packageRoot, 'test/fixtures/games');
  const names = existsSync(games)
    ? readdirSync(games).filter((name) => existsSync(join(games, name, 'log.jsonl')))
    : [];
  if (names.length === 0)
    return [{ what: 'grading', value: 'not measured', how: 'the recorded games of the tests are not here' }];
  const times: number[] = [];
  for (const name of names) {
    for (let round = 0; round < rounds; round++)
      times.push(await timed(async () => grade(await loadGradeInput(gameFolder(join(games, name))))));
  }
  return [
    {
      what: 'grading a game',
      value: spread(times, 'ms'),
      how: `${names.length} recorded games, ${rounds} times each`,
    },
  ];
}
