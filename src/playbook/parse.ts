import { type Path, problemAt, type SourceDocument } from '../document/document.ts';
import { oncePerDocument } from '../document/once.ts';
import { substitute } from '../document/substitute.ts';
import { byPlace, validate } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { suggest } from '../words/nearest.ts';
import { type Playbook, playbookSchema } from './schema.ts';

export interface ParsedPlaybook {
  document: SourceDocument;
  /** Undefined when there are problems. */
  playbook?: Playbook;
  problems: MisfortuneError[];
}

/** Reads a playbook and checks it: schema, ids, `after` (unknown steps, cycles), roles. */
export const parsePlaybook = oncePerDocument((document): ParsedPlaybook => {
  const checked = validate(document, playbookSchema);
  if (!checked.value) return { document, problems: checked.problems };
  const playbook = checked.value;
  const at = (path: Path, code: string, message: string, todo?: string): MisfortuneError =>
    problemAt(document.place(path), code, message, { todo });
  const problems = [
    ...duplicateIds(playbook, at),
    ...unknownSteps(playbook, at),
    ...cycles(playbook, at),
    ...unknownRoles(playbook, document, at),
  ].sort(byPlace);
  return { document, playbook: problems.length === 0 ? playbook : undefined, problems };
});

type At = (path: Path, code: string, message: string, todo?: string) => MisfortuneError;

function duplicateIds({ steps }: Playbook, at: At): MisfortuneError[] {
  const seen = new Set<string>();
  return steps.flatMap((step, index) => {
    const branches = (step.anyOf ?? []).map(({ id }, branch) => ({
      id,
      path: ['steps', index, 'anyOf', branch, 'id'],
    }));
    return [{ id: step.id, path: ['steps', index, 'id'] }, ...branches].flatMap(({ id, path }) => {
      if (seen.has(id)) return [at(path, 'duplicate-id', `The id "${id}" is used twice.`)];
      seen.add(id);
      return [];
    });
  });
}

function unknownSteps({ steps }: Playbook, at: At): MisfortuneError[] {
  const ids = steps.map(({ id }) => id);
  return steps.flatMap(({ after }, index) =>
    after.flatMap((id, position) => {
      if (ids.includes(id)) return [];
      const path = ['steps', index, 'after', position];
      return [at(path, 'unknown-step', `There is no step "${id}".`, suggest(id, ids))];
    }),
  );
}

function cycles({ steps }: Playbook, at: At): MisfortuneError[] {
  const after = new Map(steps.map((step) => [step.id, step.after]));
  const done = new Set<string>();
  const problems: MisfortuneError[] = [];
  const walk = (id: string, open: string[]): void => {
    if (open.includes(id)) {
      const circle = [...open.slice(open.indexOf(id)), id].join(' after ');
      const index = steps.findIndex((step) => step.id === id);
      problems.push(at(['steps', index, 'after'], 'step-cycle', `Steps wait for each other: ${circle}.`));
      return;
    }
    if (done.has(id)) return;
    for (const next of after.get(id) ?? []) walk(next, [...open, id]);
    done.add(id);
  };
  for (const { id } of steps) walk(id, []);
  return problems;
}

function unknownRoles(playbook: Playbook, document: SourceDocument, at: At): MisfortuneError[] {
  // Filled with references: a role that is a name only has no parts, which is not asked here.
  const roles = Object.fromEntries(Object.keys(playbook.roles).map((role) => [role, 'kind/namespace/name']));
  return substitute(document.value, roles).unknown.map(({ name, path }) =>
    at(
      path,
      'unknown-role',
      `The playbook has no role "${name}".`,
      suggest(name, Object.keys(roles)) ?? 'Add it to roles.',
    ),
  );
}
