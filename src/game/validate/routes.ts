import type { Playbook, Step } from '../../playbook/schema.ts';

type Branch = NonNullable<Step['anyOf']>[number];

/** One way through a playbook: which branch of each goal group is taken. */
export interface Route {
  name: string;
  /** Ids of branches. */
  branches: ReadonlySet<string>;
}

/**
 * As few ways through a playbook as take every branch that can be run at least once. The first takes the first of each
 * group; a further one is named after the branches in which it differs.
 */
export function routesOf(playbook: Playbook): Route[] {
  const groups = playbook.steps.map(runnable).filter((branches) => branches.length > 0);
  const count = Math.max(1, ...groups.map((branches) => branches.length));
  return Array.from({ length: count }, (_, index) => {
    const taken = groups.map((branches) => (branches[index] ?? branches[0])!.id);
    const special = groups.flatMap((branches) => (index > 0 && branches[index] ? branches[index].id : []));
    const name = [playbook.name, ...(special.length > 0 ? [`by ${special.join(', ')}`] : [])].join(' ');
    return { name, branches: new Set(taken) };
  });
}

/** What does the step on that route: itself, or the branch that is taken. */
export function doingOf(step: Step, { branches }: Route): Step | Branch {
  return step.anyOf?.find(({ id }) => branches.has(id)) ?? step;
}

/** Steps and branches that are recognised by what is done, and do not say how: `step` or `step/branch`. */
export function withoutRun(playbook: Playbook): string[] {
  return playbook.steps.flatMap(({ id, kind, run, anyOf }) => {
    if (anyOf) return anyOf.filter((branch) => !branch.run).map((branch) => `${id}/${branch.id}`);
    return kind === 'automatic' && !run ? [id] : [];
  });
}

function runnable({ anyOf = [] }: Step): Branch[] {
  return anyOf.filter(({ run }) => run);
}
