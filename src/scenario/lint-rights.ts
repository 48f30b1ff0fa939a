import type { Cluster } from '../cluster/cluster.ts';
import { groupOf } from '../cluster/ref.ts';
import { problemAt } from '../document/document.ts';
import { valueAt } from '../document/validate.ts';
import { MisfortuneError } from '../errors.ts';
import { commandEffect } from '../playbook/command-effect.ts';
import type { ParsedScenario } from './parse.ts';

/** Asked with the responder's own credentials: they are who runs the commands. */
type Responder = Pick<Cluster, 'kind' | 'can'>;

const lists = { fixes: 'fix', wrongFixes: 'wrong fix' } as const;

/** The fixes and wrong fixes whose commands the responder may not run, each at its `run:`. */
export async function lintRights(
  { document, scenario, filled }: ParsedScenario,
  responder: Responder,
  signal?: AbortSignal,
): Promise<MisfortuneError[]> {
  if (!scenario) return [];
  const problems: MisfortuneError[] = [];
  for (const [key, what] of Object.entries(lists)) {
    for (const [index, { name, run }] of scenario[key as keyof typeof lists].entries()) {
      for (const [line, command] of run.entries()) {
        const lacks = await lacking(command, responder, signal);
        if (lacks === undefined) continue;
        const path = [key, index, 'run'];
        const place = document.place(Array.isArray(valueAt(filled, path)) ? [...path, line] : path);
        const message = `The ${what} "${name}" needs ${lacks}, which the responder does not have.`;
        problems.push(
          problemAt(place, 'missing-permission', message, {
            todo: 'Give it to them, or choose another fix.',
          }),
        );
      }
    }
  }
  return problems;
}

/** `delete on resourcequotas in shop`; undefined: they may, or it is not known what the command writes. */
async function lacking(
  command: string,
  responder: Responder,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const effect = commandEffect(command);
  if (!effect) return undefined;
  const [word = '', ...groups] = effect.kind.split('.');
  try {
    const group = groups.join('.');
    const { apiVersion, resource, namespaced } = await responder.kind({
      kind: word,
      ...(group && { group }),
    });
    const verb = effect.verb === 'delete' ? 'delete' : 'patch';
    const namespace = namespaced ? (effect.namespace ?? 'default') : undefined;
    const { name } = effect;
    const permission = {
      verb,
      group: groupOf(apiVersion),
      resource,
      ...(namespace && { namespace }),
      ...(name && { name }),
    };
    if (await responder.can(permission, signal)) return undefined;
    return `${verb} on ${resource}${namespace ? ` in ${namespace}` : ''}`;
  } catch (error) {
    // A kind that nobody has is told where it stands.
    if (error instanceof MisfortuneError && error.code === 'unknown-kind') return undefined;
    throw error;
  }
}
