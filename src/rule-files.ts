import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** A file with rules, as somebody edits it. */
export interface RuleFile {
  /** As `git apply` names it. */
  path: string;
  text: string;
}

/**
 * A rule file, or every YAML of a folder and below that has groups of rules, by its path; [] where there is none. `shown` stands
 * in the paths for the folder.
 */
export function ruleFilesIn(path: string, shown = path): RuleFile[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found ? [{ path: shown, text: readFileSync(path, 'utf8') }] : [];
  return (
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ya?ml$/.test(name) && !name.split(sep).includes('node_modules'))
      // Neither folders nor links that lead nowhere.
      .filter((name) => statSync(join(path, name), { throwIfNoEntry: false })?.isFile())
      .sort()
      .map((name) => ({ path: `${shown}/${name}`, text: readFileSync(join(path, name), 'utf8') }))
      .filter(({ text }) => /^\s*groups:/m.test(text))
  );
}
