import { loadGradeInput } from '../grade/load.ts';
import { findGameFolder } from '../log/folder.ts';
import { stateHome } from '../paths.ts';
import { reportMarkdown } from '../report/markdown.ts';
import { reportOf } from '../report/report.ts';
import { writeReports } from '../report/write.ts';
import { print } from './output.ts';

export interface ReportOptions {
  out?: string;
  json?: boolean;
  markdown?: boolean;
}

/** Grades a game again from its folder and writes the report, or prints one form of it. */
export async function report(game = 'last', options: ReportOptions): Promise<void> {
  const folder = findGameFolder(stateHome(), game);
  if (options.json || options.markdown) {
    const made = reportOf(await loadGradeInput(folder));
    if (options.json) print(made.scorecard, options, () => []);
    else process.stdout.write(reportMarkdown(made));
    return;
  }
  for (const path of await writeReports(folder, options.out)) process.stdout.write(`${path}\n`);
}
