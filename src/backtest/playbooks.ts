import type { GradeInput } from '../grade/input.ts';
import { type Deed, deedsOf, hitOf, isHarmful, matchesAnyStep } from '../grade/playbook/deeds.ts';
import { type GradedStep, gradePlaybook, withoutDashboards } from '../grade/playbook/playbook.ts';
import { bindingProblems, bindPlaybook } from '../playbook/bind.ts';
import { lintSteps } from '../playbook/lint-steps.ts';
import type { ParsedPlaybook } from '../playbook/parse.ts';
import type { Playbook } from '../playbook/schema.ts';
import { duration } from '../words/time.ts';
import type { PartChange, PartRow } from './parts.ts';

/** A game, as far as its actions are matched anew. */
export interface PlayedGame {
  readonly id: string;
  readonly input: GradeInput;
}

export interface PlaybookChange {
  /** What the playbooks were before; undefined: the one that each game keeps a copy of. */
  readonly base: readonly ParsedPlaybook[] | undefined;
  readonly playbooks: readonly ParsedPlaybook[];
  /** Whether those are all that there are to be: a game's that is not among them is gone. */
  readonly areAll: boolean;
}

/**
 * Matches what was done in a game with the playbook as it is to be, and compares with the one of before: each step that
 * was done then or is done now, what is called harmful, and what is wrong with the playbook itself.
 */
export function comparePlaybooks(
  { id, input }: PlayedGame,
  { base, playbooks, areAll }: PlaybookChange,
): PartRow[] {
  const { name, with: roles } = input.scenario.playbook;
  const head = { game: id, scenario: input.scenario.name, part: 'step' as const };
  const whole = (change: PartChange): PartRow[] => [{ ...head, part: 'playbook', what: name, ...change }];
  const written = base?.find((one) => one.playbook?.name === name);
  const before = base ? boundOf(written, roles) : input.playbook;
  const next = namedOf(playbooks, name);
  if (!before) {
    if (boundOf(next, roles))
      return whole({ before: 'no playbook', after: 'there', ...better('It is new.') });
    return [];
  }
  if (!next && !areAll) return [];
  if (!next)
    return whole({ before: 'there', after: 'no playbook', ...worse('No playbook has this name any more.') });
  const [problem] = next.playbook ? bindingProblems(next.playbook, roles) : next.problems;
  if (problem || !next.playbook)
    return whole({
      before: 'there',
      after: 'unreadable',
      ...worse(problem?.message ?? 'It cannot be read.'),
    });
  const after = bindPlaybook(next.playbook, roles);
  return [
    ...lintOf(next, written).flatMap((why) => whole({ before: 'there', after: 'flawed', ...worse(why) })),
    ...compareSteps(input, before, after).map(({ step, ...change }) => ({
      ...head,
      what: `${name}/${step}`,
      ...change,
    })),
    ...compareHarm(input, before, after).map(({ title, ...change }) => ({
      ...head,
      what: `${name}: ${title}`,
      ...change,
    })),
  ];
}

/** A file that cannot be read may still say which playbook it is. */
function namedOf(playbooks: readonly ParsedPlaybook[], name: string): ParsedPlaybook | undefined {
  return playbooks.find(({ document, playbook }) => {
    const value = document.value as { name?: unknown } | null;
    return (playbook?.name ?? value?.name) === name;
  });
}

function boundOf(parsed: ParsedPlaybook | undefined, roles: Record<string, string>): Playbook | undefined {
  const playbook = parsed?.playbook;
  return playbook && bindingProblems(playbook, roles).length === 0
    ? bindPlaybook(playbook, roles)
    : undefined;
}

/** What lint says of it and did not say before. */
function lintOf(next: ParsedPlaybook, before: ParsedPlaybook | undefined): string[] {
  const known = new Set(before ? lintSteps(before).map(({ message }) => message) : []);
  return lintSteps(next)
    .filter(({ code, message }) => code === 'never-matches' && !known.has(message))
    .map(({ message }) => message);
}

function compareSteps(
  input: GradeInput,
  before: Playbook,
  after: Playbook,
): (PartChange & { step: string })[] {
  const deeds = deedsOf(input.state);
  const was = stepsIn(input, before);
  const is = stepsIn(input, after);
  const ids = [...new Set([...was.keys(), ...is.keys()])];
  return ids.flatMap((step) => {
    const [old, now] = [was.get(step), is.get(step)];
    if (!isDone(old) && !isDone(now) && old?.status === now?.status) return [];
    const change = now ? kept(old, now) : gone(old, before, after, deeds);
    return [{ step, before: stepText(old), after: stepText(now), ...change }];
  });
}

function stepsIn(input: GradeInput, playbook: Playbook): Map<string, GradedStep> {
  const asked = input.dashboards.length > 0 ? playbook : withoutDashboards(playbook);
  return new Map(gradePlaybook(asked, input.state, input.scenario).steps.map((step) => [step.id, step]));
}

/** Of a step that is still there, or is new. */
function kept(old: GradedStep | undefined, now: GradedStep): Judged {
  if (!old) {
    if (isDone(now)) return better('It is new, and what was done matches it.');
    return unchanged('It is new, and nothing that was done matches it.');
  }
  if (isDone(old) && now.status === 'not observable')
    return { verdict: 'no data', why: 'Nobody can observe any more whether it was done.' };
  if (isDone(old) && !isDone(now)) return worse('Nothing that was done matches it any more.');
  if (!isDone(old) && isDone(now)) return better('What was done matches it now.');
  if (old.status === 'done' && now.status === 'early')
    return worse('It was done in its place, and counts as too early now.');
  if (old.status === 'early' && now.status === 'done')
    return better('It counted as too early, and is in its place now.');
  if (old.lateMs === undefined && now.lateMs !== undefined)
    return worse('It was done in time, and counts as late now.');
  if (old.lateMs !== undefined && now.lateMs === undefined)
    return better('It counted as late, and is in time now.');
  return unchanged();
}

/** Of a step that was taken out, or has another id. */
function gone(
  old: GradedStep | undefined,
  before: Playbook,
  after: Playbook,
  deeds: readonly Deed[],
): Judged {
  const step = before.steps.find(({ id }) => id === old?.id);
  if (!isDone(old) || !step) return unchanged('It was removed; nobody did it.');
  const own = deeds.filter((deed) => hitOf(step, deed) !== undefined);
  const lost = own.find((deed) => !matchesAnyStep(after, deed));
  if (!lost) return unchanged('It was removed; what was done matches other steps.');
  if (step.optional && !isWrite(lost)) return unchanged('It was removed; it was optional.');
  return worse(`It was removed, and no step matches "${lost.title}" any more.`);
}

function isWrite(deed: Deed): boolean {
  return 'action' in deed && deed.action.effect === 'mutate';
}

/** What is called harmful and was not, or no longer. */
function compareHarm(
  { state }: GradeInput,
  before: Playbook,
  after: Playbook,
): (PartChange & { title: string })[] {
  return deedsOf(state).flatMap((deed) => {
    const [was, is] = [isHarmful(before, deed), isHarmful(after, deed)];
    if (was === is) return [];
    const didStep = before.steps.some((step) => hitOf(step, deed) !== undefined);
    const verdict = !is
      ? worse('It is not called harmful any more.')
      : didStep
        ? worse('It did a step, and is called harmful now.')
        : better('It is called harmful now.');
    const text = (harmful: boolean) => (harmful ? 'harmful' : 'not harmful');
    return [{ title: deed.title, before: text(was), after: text(is), ...verdict }];
  });
}

type Judged = Pick<PartChange, 'verdict' | 'why'>;

function isDone(step: GradedStep | undefined): boolean {
  return step?.status === 'done' || step?.status === 'early';
}

function stepText(step: GradedStep | undefined): string {
  if (!step) return 'no step';
  const at = step.at === undefined ? '' : ` after ${duration(step.at)}`;
  return `${step.status}${at}${step.lateMs === undefined ? '' : ', late'}`;
}

function worse(why: string): Judged {
  return { verdict: 'worse', why };
}

function better(why: string): Judged {
  return { verdict: 'better', why };
}

function unchanged(why = ''): Judged {
  return { verdict: 'unchanged', why };
}
