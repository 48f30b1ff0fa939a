import { existsSync } from 'node:fs';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { ruleFilesIn } from '../rule-files.ts';
import { readRuleFile } from '../rules/file.ts';
import type { RuleGroupDefinition } from '../rules/rule.ts';
import { RuleFileError } from '../rules/yaml.ts';

/** The interval of a group that says none: the game knows how often it was evaluated. */
export const unsaid = 0;

/**
 * The rules of a file, or of all files of a folder that have groups of rules (`*.yaml`, `*.yml`).
 * @throws MisfortuneError `unreadable-rules`, with file, line and column, also where there are none
 */
export function readRules(path: string): RuleGroupDefinition[] {
  const problem = (message: string, todo: string) =>
    new MisfortuneError('unreadable-rules', message, { todo, exitCode: exitCodes.usage });
  if (!existsSync(path))
    throw problem(
      `Expected rules in ${path}, found no such file or folder.`,
      'Name a rule file, or a folder of them.',
    );
  try {
    const groups = ruleFilesIn(path).flatMap((file) =>
      readRuleFile(file.text, file.path, { defaultIntervalMs: unsaid }),
    );
    if (groups.every(({ rules }) => rules.length === 0))
      throw problem(
        `Expected rules in ${path}, found none.`,
        'A rule file has `groups:`, each with `rules:`.',
      );
    return groups;
  } catch (error) {
    if (!(error instanceof RuleFileError)) throw error;
    throw problem(error.message, '`promtool check rules` says the same of it.');
  }
}
