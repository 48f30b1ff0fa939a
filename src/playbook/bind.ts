import { refForm, tryParseRef } from '../cluster/ref.ts';
import { substitute } from '../document/substitute.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { suggest } from '../words/nearest.ts';
import type { Playbook } from './schema.ts';

/**
 * Fills the roles of a playbook: `with: { culprit: job.batch/batch/report-export }`. In a `run:` line a reference
 * becomes kubectl's words (`-n batch job.batch/report-export`), elsewhere it stays a reference. Throws
 * `missing-role`, `unknown-role`, `bad-role`.
 */
export function bindPlaybook(playbook: Playbook, roles: Record<string, string>): Playbook {
  const [problem] = bindingProblems(playbook, roles);
  if (problem) throw problem;
  const { steps, harmful, ...head } = playbook;
  return { ...head, ...(substitute({ steps, harmful }, roles).value as Pick<Playbook, 'steps' | 'harmful'>) };
}

/** What is wrong with a binding; `role` says where it belongs. */
export function bindingProblems(
  playbook: Playbook,
  roles: Record<string, string>,
): (MisfortuneError & { role?: string })[] {
  const known = Object.keys(playbook.roles);
  const problem = (code: string, message: string, role: string, todo?: string) =>
    Object.assign(new MisfortuneError(code, message, { todo, exitCode: exitCodes.usage }), { role });
  const missing = known
    .filter((role) => !Object.hasOwn(roles, role))
    .map((role) => {
      const todo = `Give it a ${playbook.roles[role] === 'ref' ? `reference (${refForm})` : 'name'}.`;
      return problem('missing-role', `Playbook ${playbook.name}: role "${role}" is not bound.`, role, todo);
    });
  const given = Object.entries(roles).flatMap(([role, value]) => {
    if (!Object.hasOwn(playbook.roles, role)) {
      return [
        problem(
          'unknown-role',
          `Playbook ${playbook.name} has no role "${role}".`,
          role,
          suggest(role, known),
        ),
      ];
    }
    if (playbook.roles[role] === 'name' || tryParseRef(value)) return [];
    const message = `Playbook ${playbook.name}: expected a reference (${refForm}) for role "${role}", got "${value}".`;
    return [problem('bad-role', message, role)];
  });
  return [...given, ...missing];
}

/** Roles that are bound later, or by the reader: `${culprit}` and `${culprit.name}` → `<culprit>`, `<culprit name>`. */
export function leaveOpen<T>(value: T, open: readonly string[]): T {
  if (open.length === 0) return value;
  const roles = open.join('|');
  const placeholder = new RegExp(`\\$\\{(${roles})(?:\\.(\\w+))?\\}`, 'g');
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string')
      return part.replace(
        placeholder,
        (_, role: string, field?: string) => `<${[role, field].filter(Boolean).join(' ')}>`,
      );
    if (Array.isArray(part)) return part.map(walk);
    if (part === null || typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item)]));
  };
  return walk(value) as T;
}
