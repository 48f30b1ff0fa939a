import { exitCodes, MisfortuneError } from '../../errors.ts';
import { conductorAddress } from '../../game/api/current.ts';
import { loadGradeInput } from '../../grade/load.ts';
import { findGameFolder, type GameFolder } from '../../log/folder.ts';
import { readLog } from '../../log/log.ts';
import { reduceAll } from '../../log/state.ts';
import { stateHome } from '../../paths.ts';
import { type ActionForm, actionForms, actionsText } from '../../report/actions.ts';
import { reportMarkdown } from '../../report/markdown.ts';
import { postmortemMarkdown } from '../../report/postmortem.ts';
import { type Report, reportOf } from '../../report/report.ts';
import { writeReports } from '../../report/write.ts';
import { type RuleFile, ruleFilesIn } from '../../rule-files.ts';

export interface ReportOptions {
  out?: string;
  json?: boolean;
  markdown?: boolean;
  postmortem?: boolean;
  actions?: string;
  rules?: string;
}

/** Grades a game again from its folder and writes the report, or prints one form of it. */
export async function report(game = 'last', options: ReportOptions): Promise<void> {
  const printed = printedForm(options);
  const ruleFiles = options.rules === undefined ? undefined : ownRuleFiles(options.rules);
  const folder = findGameFolder(stateHome(), game);
  assertOver(folder);
  if (printed) process.stdout.write(printed(reportOf(await loadGradeInput(folder, ruleFiles))));
  else
    for (const path of await writeReports(folder, options.out, ruleFiles)) process.stdout.write(`${path}\n`);
}

/** The one form that is asked for on standard output; undefined: files. */
function printedForm({
  json,
  markdown,
  postmortem,
  actions,
}: ReportOptions): ((made: Report) => string) | undefined {
  const form = actions === undefined ? undefined : actionForm(actions);
  const asked = [
    ...(json ? [({ scorecard }: Report) => `${JSON.stringify(scorecard, null, 2)}\n`] : []),
    ...(markdown ? [reportMarkdown] : []),
    ...(postmortem ? [postmortemMarkdown] : []),
    ...(form ? [({ scorecard }: Report) => actionsText(scorecard, form)] : []),
  ];
  if (asked.length <= 1) return asked[0];
  throw new MisfortuneError('several-forms', `Expected one form to print, got ${asked.length}.`, {
    todo: 'Give one of --json, --markdown, --postmortem and --actions.',
    exitCode: exitCodes.usage,
  });
}

function actionForm(text: string): ActionForm {
  const form = actionForms.find((one) => one === text);
  if (form) return form;
  throw new MisfortuneError('unknown-form', `Expected --actions ${actionForms.join(', ')}, got "${text}".`, {
    todo: `Give one of ${actionForms.join(', ')}.`,
    exitCode: exitCodes.usage,
  });
}

function ownRuleFiles(path: string): RuleFile[] {
  const files = ruleFilesIn(path);
  if (files.length > 0) return files;
  throw new MisfortuneError('no-rule-files', `Expected rules in ${path}, found none.`, {
    todo: 'Name a rule file or the folder of them, as seen from the root of your repository.',
    exitCode: exitCodes.usage,
  });
}

/** A report names what is broken, and whoever responds may ask for it, too. */
export function assertOver(folder: GameFolder): void {
  if (!conductorAddress(folder) || reduceAll(readLog(folder.log).events).ended) return;
  throw new MisfortuneError('game-running', `Game ${folder.id} still runs.`, {
    todo: 'Its report is written when it ends.',
    exitCode: exitCodes.refused,
  });
}
