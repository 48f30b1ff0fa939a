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

/**
 * The steps in the order in which a script follows them. With one left out there is nothing to verify: a command that waits
 * for the mending (`kubectl rollout status`) would wait for more than the game.
 */
export function stepsToFollow({ steps }: Playbook, leftOut?: string): Step[] {
  const ordered = inOrder(steps);
  if (leftOut === undefined) return ordered;
  return ordered.filter(({ id, phase }) => id !== leftOut && phase !== 'verify');
}

/** Whether a step waits for another, be it through others. The order of a playbook has no circles. */
export function comesAfter(playbook: Playbook, { after }: Step, id: string): boolean {
  return after.some((before) => {
    const step = playbook.steps.find((one) => one.id === before);
    return before === id || (step !== undefined && comesAfter(playbook, step, id));
  });
}

/** A step after all that it waits for; otherwise as written. */
function inOrder(steps: readonly Step[]): Step[] {
  const done = new Set<string>();
  const ordered: Step[] = [];
  const rest = [...steps];
  while (rest.length > 0) {
    const index = Math.max(
      0,
      rest.findIndex(({ after }) => after.every((id) => done.has(id))),
    );
    const [next] = rest.splice(index, 1);
    if (!next) break;
    done.add(next.id);
    ordered.push(next);
  }
  return ordered;
}

function runnable({ anyOf = [] }: Step): Branch[] {
  return anyOf.filter(({ run }) => run);
}
