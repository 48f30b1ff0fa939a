import { writeFileSync } from 'node:fs';
import { type CheckRow, compareRules } from '../../../backtest/compare.ts';
import type { LeftOut } from '../../../backtest/game.ts';
import { readRules } from '../../../backtest/read-rules.ts';
import { checkJunit, checkMarkdown, checkRows, checkSummary } from '../../../backtest/texts.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { parseDuration } from '../../../words/duration.ts';
import { table } from '../../../words/width.ts';
import { print } from '../../output.ts';
import { loaded, wanted } from './backtest.ts';

interface CheckOptions {
  games?: string;
  rules?: string;
  base?: string;
  later: string;
  all?: boolean;
  junit?: string;
  markdown?: string;
  json?: boolean;
}

/** `misfortune check`: fails when an alert of a recorded game got worse. */
export async function check(options: CheckOptions): Promise<void> {
  const { folders, rules } = wanted(options);
  const laterMs = parseDuration(options.later);
  if (laterMs === undefined) {
    throw new MisfortuneError('bad-duration', `Expected a duration for --later, got "${options.later}".`, {
      todo: 'Write it like 30s or 2m.',
      exitCode: exitCodes.usage,
    });
  }
  const after = readRules(rules);
  const base = options.base === undefined ? undefined : readRules(options.base);
  const leftOut: LeftOut[] = [];
  const rows: CheckRow[] = [];
  for await (const game of loaded(folders, leftOut))
    rows.push(...compareRules(game, { base, rules: after, laterMs }));
  const report = { games: folders.length - leftOut.length, rows, leftOut };
  if (options.junit !== undefined) writeFileSync(options.junit, checkJunit(report));
  if (options.markdown !== undefined) writeFileSync(options.markdown, checkMarkdown(report));
  print(report, options, () => [...table(checkRows(report, options.all === true)), ...checkSummary(report)]);
  if (rows.some(({ verdict }) => verdict === 'worse')) process.exitCode = exitCodes.failed;
}
