import type { LeftOut } from '../../../backtest/game.ts';
import { type MutantResult, type MutationScore, MutationTrial } from '../../../backtest/mutation-score.ts';
import { readRules } from '../../../backtest/read-rules.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { percent, plural } from '../../../words/number.ts';
import { table } from '../../../words/width.ts';
import { print } from '../../output.ts';
import { loaded, wanted } from './backtest.ts';

interface MutantsOptions {
  games?: string;
  rules?: string;
  least?: string;
  json?: boolean;
}

/** `misfortune mutants`: which slips in alert rules the recorded games would notice. */
export async function mutants(options: MutantsOptions): Promise<void> {
  const least = options.least === undefined ? undefined : leastOf(options.least);
  const { folders, rules } = wanted(options);
  const trial = new MutationTrial(readRules(rules));
  const leftOut: LeftOut[] = [];
  let at = 0;
  for await (const game of loaded(folders, leftOut)) {
    at += 1;
    if (process.stderr.isTTY)
      process.stderr.write(`\r${plural(trial.count, 'mutant')}, game ${at} of ${folders.length} `);
    trial.play(game);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const score = trial.score();
  const noticed = shareOf(score.results);
  print({ ...score, noticed: noticed ?? null, leftOut }, options, () => linesOf(score, noticed, leftOut));
  if (least !== undefined && (noticed ?? 0) < least) process.exitCode = exitCodes.failed;
}

function leastOf(text: string): number {
  const value = Number(/^(\d+(?:\.\d+)?)\s*%?$/.exec(text)?.[1] ?? Number.NaN);
  if (value <= 100) return value / 100;
  throw new MisfortuneError('bad-percentage', `Expected a percentage for --least, got "${text}".`, {
    todo: 'Write it like 80 or 80%.',
    exitCode: exitCodes.usage,
  });
}

/** Of the mutants whose alerts could be evaluated; undefined where there is none. */
function shareOf(results: readonly MutantResult[]): number | undefined {
  const tried = results.filter(({ fate }) => fate !== 'no data');
  return tried.length === 0
    ? undefined
    : tried.filter(({ fate }) => fate === 'noticed').length / tried.length;
}

function linesOf(score: MutationScore, noticed: number | undefined, leftOut: readonly LeftOut[]): string[] {
  const { results, neverExpected, games } = score;
  const count = (of: readonly MutantResult[], fate: MutantResult['fate']) =>
    of.filter((one) => one.fate === fate).length;
  const fates = ['noticed', 'changed', 'survived', 'no data'] as const;
  const rules = [...new Set(results.map(({ rule }) => rule))].map((rule) => {
    const own = results.filter((one) => one.rule === rule);
    const isTested = own.some(({ fate }) => fate === 'noticed' || fate === 'changed');
    return { rule, own, isTested };
  });
  const untested = rules.filter(({ own, isTested }) => !isTested && count(own, 'survived') > 0);
  return [
    ...table([
      ['RULE', 'MUTANTS', ...fates.map((fate) => fate.toUpperCase())],
      ...rules.map(({ rule, own }) => [rule, `${own.length}`, ...fates.map((fate) => `${count(own, fate)}`)]),
    ]),
    '',
    ...rules
      .filter(({ isTested }) => isTested)
      .flatMap(({ own }) => own)
      .filter(({ fate }) => fate === 'survived' || fate === 'changed')
      .map(
        ({ rule, what, fate, by }) =>
          `${fate}: ${rule}: ${what}${by ? ` (${by.alert} in ${by.game}: ${by.why})` : ''}`,
      ),
    ...(untested.length > 0 ? [`No game tests ${untested.map(({ rule }) => rule).join(', ')}.`] : []),
    `${plural(games, 'game')}, ${plural(results.length, 'mutant')}: ` +
      `${noticed === undefined ? 'none could be tried' : `${percent(noticed)} of those that could be tried were noticed`}.`,
    ...(neverExpected.length > 0 ? [`No game expects ${neverExpected.join(', ')}.`] : []),
    ...leftOut.map(({ id, why }) => `${id} was left out: ${why}`),
  ];
}
