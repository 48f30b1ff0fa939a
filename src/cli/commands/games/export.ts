import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeftOut, loadRecordedGame } from '../../../backtest/game.ts';
import { promtoolTest } from '../../../backtest/promtool.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { findGameFolder } from '../../../log/folder.ts';
import { stateHome } from '../../../paths.ts';
import { print } from '../../output.ts';

/** `misfortune games export`: a game as files that other tools test rules with. */
export async function exportGame(
  name: string,
  options: { promtool?: string; json?: boolean },
): Promise<void> {
  if (options.promtool === undefined) {
    throw new MisfortuneError('missing-option', 'Expected --promtool, found no such option.', {
      todo: 'Name a folder: `misfortune games export last --promtool tests`.',
      exitCode: exitCodes.usage,
    });
  }
  const game = await loadRecordedGame(findGameFolder(stateHome(), name));
  if (isLeftOut(game))
    throw new MisfortuneError('no-samples', `${game.id} cannot be exported: ${game.why}`, {
      exitCode: exitCodes.usage,
    });
  const stem = game.id.replace(/[^\w-]/g, '-');
  const files = { rules: `${stem}.rules.yml`, tests: `${stem}.test.yml` };
  const made = promtoolTest(game, files.rules);
  mkdirSync(options.promtool, { recursive: true });
  const rules = join(options.promtool, files.rules);
  const tests = join(options.promtool, files.tests);
  writeFileSync(rules, made.rules);
  writeFileSync(tests, made.tests);
  print({ rules, tests }, options, () => [`Wrote ${rules} and ${tests}.`, `promtool test rules ${tests}`]);
}
