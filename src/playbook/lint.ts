import { type Path, problemAt } from '../document/document.ts';
import { byPlace, valueAt } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { suggest } from '../words/nearest.ts';
import { lintCommands } from './lint-commands.ts';
import type { ParsedPlaybook } from './parse.ts';
import type { Match } from './schema.ts';

/** What references are looked up in; what is left out is not checked. */
export interface PlaybookLintContext {
  alerts?: readonly string[];
  /** `panels` left out: it could not be read. */
  dashboards?: readonly { uid: string; panels?: readonly { title: string }[] }[];
  /** The commands of misfortune. */
  commands?: readonly string[];
}

/** Says whether the alerts, dashboards and panels of a playbook are there. Names with `${…}` are bound later. */
export function lintPlaybook(
  { document, playbook }: ParsedPlaybook,
  context: PlaybookLintContext,
): MisfortuneError[] {
  if (!playbook) return [];
  const problems: MisfortuneError[] = [];
  const look = (what: string, word: string, known: readonly string[] | undefined, path: Path): void => {
    if (!known || word.includes('${') || known.includes(word)) return;
    const message = `There is no ${what} "${word}".`;
    problems.push(
      problemAt(document.place(path), `unknown-${what}`, message, { todo: suggest(word, known) }),
    );
  };
  const uids = context.dashboards?.map(({ uid }) => uid);
  const walk = (match: Match | undefined, path: Path): void => {
    if (!match) return;
    const shown = context.dashboards?.filter(({ uid }) => !match.dashboard || match.dashboard.includes(uid));
    // Of one that could not be read nothing is known.
    const isKnown = shown?.every(({ panels }) => panels !== undefined);
    const titles = isKnown
      ? shown?.flatMap(({ panels = [] }) => panels.map(({ title }) => title))
      : undefined;
    const words = { dashboard: uids, alert: context.alerts, panel: titles };
    for (const [what, known] of Object.entries(words)) {
      const asked = match[what as keyof typeof words] ?? [];
      for (const [index, word] of asked.entries()) look(what, word, known, [...path, what, index]);
    }
    for (const kind of ['all', 'any'] as const) {
      for (const [index, each] of (match[kind] ?? []).entries()) walk(each, [...path, kind, index]);
    }
    walk(match.not, [...path, 'not']);
  };
  for (const [index, name] of playbook.answers.entries())
    look('alert', name, context.alerts, ['answers', index]);
  const doing = (run: readonly string[] | undefined, path: Path): void => {
    const isList = Array.isArray(valueAt(document.value, path));
    const known = { misfortune: context.commands, dashboards: uids };
    for (const found of lintCommands(run ?? [], (line) => (isList ? [...path, line] : path), known))
      problems.push(problemAt(document.place(found.path), found.code, found.message, { todo: found.todo }));
  };
  for (const [index, step] of playbook.steps.entries()) {
    doing(step.run, ['steps', index, 'run']);
    walk(step.match, ['steps', index, 'match']);
    for (const [position, branch] of (step.anyOf ?? []).entries()) {
      doing(branch.run, ['steps', index, 'anyOf', position, 'run']);
      walk(branch.match, ['steps', index, 'anyOf', position, 'match']);
    }
  }
  for (const [index, { match }] of playbook.harmful.entries()) walk(match, ['harmful', index, 'match']);
  return problems.sort(byPlace);
}
