import { writeFileSync } from 'node:fs';
import { type CheckRow, compareRules } from '../../../backtest/compare.ts';
import { gamesIn, isLeftOut, type LeftOut, loadRecordedGame } from '../../../backtest/game.ts';
import type { PartRow } from '../../../backtest/parts.ts';
import { comparePlaybooks } from '../../../backtest/playbooks.ts';
import { readPlaybooks } from '../../../backtest/read-playbooks.ts';
import { readRules } from '../../../backtest/read-rules.ts';
import { checkJunit, checkMarkdown, checkRows, checkSummary } from '../../../backtest/texts.ts';
import { describeError, exitCodes, MisfortuneError } from '../../../errors.ts';
import type { GradeInput } from '../../../grade/input.ts';
import { loadGradeInput } from '../../../grade/load.ts';
import type { GameFolder } from '../../../log/folder.ts';
import { parseDuration } from '../../../words/duration.ts';
import { table } from '../../../words/width.ts';
import { print } from '../../output.ts';

interface CheckOptions {
  games?: string;
  rules?: string;
  base?: string;
  playbooks?: string;
  basePlaybooks?: string;
  later: string;
  all?: boolean;
  junit?: string;
  markdown?: string;
  json?: boolean;
}

/** `misfortune check`: fails when an alert, a panel or a playbook's step of a recorded game got worse. */
export async function check(options: CheckOptions): Promise<void> {
  const folders = foldersOf(options);
  const laterMs = parseDuration(options.later);
  if (laterMs === undefined) {
    throw new MisfortuneError('bad-duration', `Expected a duration for --later, got "${options.later}".`, {
      todo: 'Write it like 30s or 2m.',
      exitCode: exitCodes.usage,
    });
  }
  const rules = options.rules === undefined ? undefined : readRules(options.rules);
  const base = options.base === undefined ? undefined : readRules(options.base);
  const playbooks = options.playbooks === undefined ? undefined : await readPlaybooks(options.playbooks);
  const basePlaybooks =
    options.basePlaybooks === undefined ? undefined : await readPlaybooks(options.basePlaybooks);
  const changeOfPlaybooks = playbooks && {
    base: basePlaybooks?.playbooks,
    playbooks: playbooks.playbooks,
    areAll: playbooks.isFolder,
  };
  const leftOut: LeftOut[] = [];
  const rows: CheckRow[] = [];
  const parts: PartRow[] = [];
  let games = 0;
  // One game at a time: the samples of all of them would take gigabytes.
  for (const folder of folders) {
    let isRead = false;
    if (rules) {
      const game = await loadRecordedGame(folder);
      if (isLeftOut(game)) leftOut.push(playbooks ? { ...game, why: `its alerts: ${game.why}` } : game);
      else rows.push(...compareRules(game, { base, rules, laterMs }));
      isRead ||= !isLeftOut(game);
    }
    if (changeOfPlaybooks) {
      const input = await inputOf(folder);
      if ('why' in input) leftOut.push(rules ? { ...input, why: `its playbook: ${input.why}` } : input);
      else parts.push(...comparePlaybooks({ id: folder.id, input }, changeOfPlaybooks));
      isRead ||= !('why' in input);
    }
    if (isRead) games += 1;
  }
  if (games === 0) {
    const wanted = rules ? 'with samples' : 'that was played';
    throw new MisfortuneError('no-games', `Expected a game ${wanted}, found none. ${leftOut[0]?.why ?? ''}`, {
      exitCode: exitCodes.usage,
    });
  }
  const report = { games, rows, parts, leftOut };
  if (options.junit !== undefined) writeFileSync(options.junit, checkJunit(report));
  if (options.markdown !== undefined) writeFileSync(options.markdown, checkMarkdown(report));
  print(report, options, () => [...table(checkRows(report, options.all === true)), ...checkSummary(report)]);
  if ([...rows, ...parts].some(({ verdict }) => verdict === 'worse')) process.exitCode = exitCodes.failed;
}

/** What is compared with what has to be said. */
function foldersOf({ games, rules, base, playbooks, basePlaybooks }: CheckOptions): GameFolder[] {
  const missing =
    games === undefined
      ? '--games'
      : rules === undefined && playbooks === undefined
        ? '--rules or --playbooks'
        : base !== undefined && rules === undefined
          ? '--rules beside --base'
          : basePlaybooks !== undefined && playbooks === undefined
            ? '--playbooks beside --base-playbooks'
            : undefined;
  if (missing === undefined && games !== undefined) return gamesIn(games);
  throw new MisfortuneError('missing-option', `Expected ${missing}, found no such option.`, {
    todo: '`--help` shows an example.',
    exitCode: exitCodes.usage,
  });
}

async function inputOf(folder: GameFolder): Promise<LeftOut | GradeInput> {
  try {
    const input = await loadGradeInput(folder);
    if (input.state.injectedAt !== undefined) return input;
    return { id: folder.id, why: 'nothing was broken in it' };
  } catch (error) {
    if (error instanceof MisfortuneError)
      return { id: folder.id, why: describeError(error).replaceAll('\n ', '') };
    throw error;
  }
}
