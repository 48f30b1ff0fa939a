import { exitCodes, MisfortuneError } from '../../errors.ts';
import { suggest } from '../../words/nearest.ts';
import { type CaseKind, caseKinds } from './result.ts';
import type { ScenarioCases } from './validate.ts';

/** Which cases are wanted; what is left out selects all. */
export interface Selection {
  kinds?: readonly string[];
  names?: readonly string[];
  /** Without kinds and names: the half hour in which nothing is broken, too, which pays for many scenarios at once. */
  quiet?: boolean;
}

/** @throws MisfortuneError `unknown-case` for a kind or name that there is not, with the nearest one */
export function selectCases(
  all: readonly ScenarioCases[],
  { kinds, names, quiet = false }: Selection,
): ScenarioCases[] {
  for (const kind of kinds ?? []) known('kind of case', kind, caseKinds);
  const existing = all.flatMap(({ cases }) => cases.map(({ name }) => name));
  const where = ` in ${all.map(({ scenario }) => scenario).join(', ')}`;
  for (const name of names ?? []) known('case', name, existing, where);
  const selected = all
    .map(({ cases, ...scenario }) => ({
      ...scenario,
      cases: cases.filter(({ kind, name }) => {
        if (kind === 'quiet' && !kinds && !names) return quiet;
        return (kinds?.includes(kind) ?? true) && (names?.includes(name) ?? true);
      }),
    }))
    .filter(({ cases }) => cases.length > 0);
  if (selected.length > 0) return selected;
  throw new MisfortuneError('unknown-case', `No case is of the kind ${kinds} and named ${names}.`, {
    todo: '`misfortune validate --list` lists them.',
    exitCode: exitCodes.usage,
  });
}

/** The i-th of n parts, `2/4`: each scenario is in exactly one. @throws MisfortuneError `bad-shard` */
export function shardOf<T>(all: readonly T[], text: string): T[] {
  const [, part = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (part >= 1 && part <= of) return all.filter((_, index) => index % of === part - 1);
  throw new MisfortuneError('bad-shard', `Expected --shard as 1/4, 2/4 …, got "${text}".`, {
    exitCode: exitCodes.usage,
  });
}

function known(what: string, word: string, words: readonly (CaseKind | string)[], where = ''): void {
  if (words.includes(word)) return;
  throw new MisfortuneError('unknown-case', `There is no ${what} "${word}"${where}.`, {
    todo: suggest(word, new Set(words)) ?? '`misfortune validate --list` lists them.',
    exitCode: exitCodes.usage,
  });
}
