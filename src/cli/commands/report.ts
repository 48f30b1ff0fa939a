import { exitCodes, MisfortuneError } from '../../errors.ts';
import { conductorAddress } from '../../game/api/current.ts';
import { loadGradeInput } from '../../grade/load.ts';
import { findGameFolder, type GameFolder } from '../../log/folder.ts';
import { readLog } from '../../log/log.ts';
import { reduceAll } from '../../log/state.ts';
import { stateHome } from '../../paths.ts';
import { reportMarkdown } from '../../report/markdown.ts';
import { reportOf } from '../../report/report.ts';
import { writeReports } from '../../report/write.ts';
import { print } from '../output.ts';

export interface ReportOptions {
  out?: string;
  json?: boolean;
  markdown?: boolean;
}

/** Grades a game again from its folder and writes the report, or prints one form of it. */
export async function report(game = 'last', options: ReportOptions): Promise<void> {
  const folder = findGameFolder(stateHome(), game);
  assertOver(folder);
  if (options.json || options.markdown) {
    const made = reportOf(await loadGradeInput(folder));
    if (options.json) print(made.scorecard, options, () => []);
    else process.stdout.write(reportMarkdown(made));
    return;
  }
  for (const path of await writeReports(folder, options.out)) process.stdout.write(`${path}\n`);
}

/** A report names what is broken, and whoever responds may ask for it, too. */
function assertOver(folder: GameFolder): void {
  if (!conductorAddress(folder) || reduceAll(readLog(folder.log).events).ended) return;
  throw new MisfortuneError('game-running', `Game ${folder.id} still runs.`, {
    todo: 'Its report is written when it ends.',
    exitCode: exitCodes.refused,
  });
}
