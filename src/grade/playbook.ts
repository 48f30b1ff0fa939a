import { isOnDecoys } from '../log/decoys.ts';
import type { GameState } from '../log/state.ts';
import { matchesStep } from '../playbook/match.ts';
import type { Match, Playbook, Step } from '../playbook/schema.ts';
import { type Conformance, conformance, costOf } from './conformance.ts';
import type { Evidence } from './scorecard.ts';
import { type Rating, rateSteps, type StepRating } from './step-rating.ts';
import { checklist, type Deed, deedsOf, matchesAnyStep, type StepState, stepStates } from './steps.ts';

export interface PlaybookGrade extends Conformance {
  name: string;
  title: string;
  steps: GradedStep[];
  /** What made it worse, by the playbook. */
  harmful: (Evidence & { why: string })[];
  /** Writes that no step asks for. */
  unplanned: Evidence[];
  /** Deeds outside the playbook that led somewhere: candidates for a step. */
  helpful: Evidence[];
  hintsTaken: number;
}

export interface GradedStep extends Omit<StepState, 'at' | 'due'> {
  phase: Step['phase'];
  say: string;
  optional: boolean;
  /** ms from the injection. */
  at?: number;
  /** How well it could be performed; undefined where nobody had to, or nobody could see it. */
  rating?: Rating;
  /** What stood in the way. */
  because?: string[];
}

/** How well the playbook and what was done fit together: a statement about the playbook first. */
export function gradePlaybook(playbook: Playbook, state: GameState): PlaybookGrade {
  const deeds = deedsOf(state);
  const states = stepStates(playbook, state);
  const ratings = rateSteps(playbook, states, deeds, state);
  const injected = state.injectedAt ?? 0;
  const told = (deed: Deed): Evidence => ({ at: deed.at - injected, text: deed.title });
  const unplanned = deeds.filter((deed) => costOf(playbook, deed) > 0);
  return {
    name: playbook.name,
    title: playbook.title,
    ...conformance(playbook, states, deeds),
    steps: playbook.steps.map((step, index) => graded(step, states[index]!, ratings[index], injected)),
    harmful: unplanned.flatMap((deed) => {
      const why = whyHarmful(playbook, deed);
      return why === undefined ? [] : [{ ...told(deed), why }];
    }),
    unplanned: unplanned.filter((deed) => whyHarmful(playbook, deed) === undefined).map(told),
    helpful: helpfulDeeds(playbook, state, deeds).map(told),
    hintsTaken: state.hints.length,
  };
}

/** Without dashboards nobody could open one: steps that ask for nothing else are not asked for, and nothing waits for them. */
export function withoutDashboards(playbook: Playbook): Playbook {
  const opens = ({ match, anyOf = [] }: Pick<Step, 'match' | 'anyOf'>): boolean =>
    anyOf.length > 0 ? anyOf.every((one) => onlyDashboard(one.match)) : onlyDashboard(match);
  return {
    ...playbook,
    steps: playbook.steps.map((step) => (opens(step) ? { ...step, optional: true } : step)),
  };
}

function onlyDashboard(match: Match | undefined): boolean {
  if (!match) return false;
  if (match.any) return match.any.every(onlyDashboard);
  return match.dashboard !== undefined || match.panel !== undefined;
}

/** The score of deeds that come from nowhere but a test or a script. */
export function scoreDeeds(playbook: Playbook, deeds: readonly Deed[]): Conformance {
  const states = checklist(playbook, deeds, {
    started: deeds[0]?.at ?? 0,
    speed: 1,
    now: deeds.at(-1)?.at ?? 0,
    over: true,
  });
  return conformance(playbook, states, deeds);
}

function graded(
  step: Step,
  { at, due: _due, ...state }: StepState,
  rating: StepRating | undefined,
  injected: number,
): GradedStep {
  const words = step.say ?? step.run?.join(' && ') ?? step.anyOf?.map(({ id }) => id).join(' or ') ?? step.id;
  return {
    ...state,
    phase: step.phase,
    say: words.trim(),
    optional: step.optional,
    ...(at !== undefined && { at: at - injected }),
    ...rating,
  };
}

function whyHarmful({ harmful }: Playbook, deed: Deed): string | undefined {
  return 'action' in deed ? harmful.find(({ match }) => matchesStep(match, deed.action))?.why : undefined;
}

/**
 * Outside the playbook and still to the point: the first look at what was then diagnosed rightly, and, where it was
 * mitigated without any mitigating step, the last write before.
 */
function helpfulDeeds(playbook: Playbook, state: GameState, deeds: readonly Deed[]): Deed[] {
  const unlisted = deeds.filter((deed) => 'action' in deed && !matchesAnyStep(playbook, deed));
  const right = state.diagnoses.find(({ originRight }) => originRight);
  const named = right?.origin?.split('/');
  const look = unlisted.find(
    (deed) =>
      'action' in deed &&
      deed.action.effect === 'read' &&
      deed.at <= (right?.at ?? 0) &&
      deed.action.requests.some(({ name, namespace }) => {
        return name !== undefined && name === named?.at(-1) && namespace === named?.at(-2);
      }),
  );
  return [look, mitigatingWrite(playbook, state, deeds, unlisted)].filter((deed) => deed !== undefined);
}

function mitigatingWrite(
  playbook: Playbook,
  state: GameState,
  deeds: readonly Deed[],
  unlisted: readonly Deed[],
): Deed | undefined {
  if (state.ended?.ending !== 'mitigated') return undefined;
  const mitigating = playbook.steps.filter(({ phase }) => phase === 'mitigate');
  const listed = deeds.some((deed) => matchesAnyStep({ ...playbook, steps: mitigating }, deed));
  const held = state.oracle?.heldSince ?? Number.POSITIVE_INFINITY;
  if (listed) return undefined;
  return unlisted.findLast(
    (deed) =>
      'action' in deed &&
      deed.action.effect === 'mutate' &&
      deed.at <= held &&
      !isOnDecoys(deed.action, state.plan?.operations),
  );
}
