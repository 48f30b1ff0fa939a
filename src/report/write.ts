import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadGradeInput } from '../grade/load.ts';
import { type GameFolder, writeWhole } from '../log/folder.ts';
import type { RuleFile } from '../rule-files.ts';
import { reportHtml } from './html/html.ts';
import { reportJson } from './json.ts';
import { reportMarkdown } from './markdown.ts';
import { reportOf } from './report.ts';

/**
 * Grades a game again from its folder and writes scorecard and report (HTML, Markdown, JSON) there or to `out`. The same
 * folder gives the same bytes, wherever it is. `ruleFiles`: those that fixes are diffs of, instead of the stack's. Returns
 * the paths. @throws MisfortuneError if it cannot be read
 */
export async function writeReports(
  folder: GameFolder,
  out = folder.path,
  ruleFiles?: RuleFile[],
): Promise<string[]> {
  const report = reportOf(await loadGradeInput(folder, ruleFiles));
  mkdirSync(out, { recursive: true });
  const files: [string, string][] = [
    ['report.html', reportHtml(report)],
    ['report.md', reportMarkdown(report)],
    ['report.json', reportJson(report)],
    ['scorecard.json', `${JSON.stringify(report.scorecard, undefined, 1)}\n`],
  ];
  return files.map(([name, content]) => {
    const path = join(out, name);
    writeWhole(path, content);
    return path;
  });
}
