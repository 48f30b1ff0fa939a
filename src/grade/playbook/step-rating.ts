import type { GameState } from '../../log/state.ts';
import type { Playbook, Step } from '../../playbook/schema.ts';
import { plural } from '../../words/number.ts';
import { duration } from '../../words/time.ts';
import { costOf, type JudgedDeeds, unjudged } from './conformance.ts';
import { type Deed, isHarmful } from './deeds.ts';
import type { StepState } from './steps.ts';

/**
 * How well a step could be performed: P without challenges, S with some, M with major ones, U not at all. The scale is
 * HSEEP's for the capabilities that an exercise tests (FEMA); it rates the step of the playbook, not who followed it.
 */
export type Rating = 'P' | 'S' | 'M' | 'U';

export interface StepRating {
  rating: Rating;
  /** What stood in the way, one entry each; empty for P. */
  because: string[];
}

/** Undefined for a step that nobody had to do or nobody could see. Steps and states are in the same order. */
export function rateSteps(
  playbook: Playbook,
  states: readonly StepState[],
  deeds: readonly Deed[],
  { hints, injectedAt = 0 }: Pick<GameState, 'hints' | 'injectedAt'>,
  judged: JudgedDeeds = unjudged,
): (StepRating | undefined)[] {
  return playbook.steps.map((step, index): StepRating | undefined => {
    const { status, at, lateMs, undone = [] } = states[index]!;
    const again = undone.map((one) => `undone after ${duration(one.at - injectedAt)} by ${one.by}`);
    if (status === 'missing') return { rating: 'U', because: again.length > 0 ? again : ['not reached'] };
    if (status === 'impossible') return { rating: 'U', because: ['what it is about was gone'] };
    if (at === undefined) return undefined;
    const began = beganAt(step, playbook, states, at) ?? injectedAt;
    const meanwhile = <T extends { at: number }>(all: readonly T[]) =>
      all.filter((one) => one.at > began && one.at < at);
    const beside = meanwhile(deeds);
    const harm = beside.filter((deed) => isHarmful(playbook, deed));
    const unplanned = beside.filter((deed) => !harm.includes(deed) && costOf(playbook, deed, judged) > 0);
    const taken = meanwhile(hints).length;
    const challenges = [
      ...again,
      ...(status === 'early' ? ['before its turn'] : []),
      ...(lateMs === undefined ? [] : [`${duration(lateMs)} late`]),
      ...(taken > 0 ? [plural(taken, 'hint')] : []),
      ...(unplanned.length > 0 ? [`${plural(unplanned.length, 'change')} that no step asks for`] : []),
    ];
    const because = [...harm.map(({ title }) => `a harmful command came first: ${title}`), ...challenges];
    if (because.length === 0) return { rating: 'P', because };
    return { rating: harm.length > 0 || challenges.length > 1 ? 'M' : 'S', because };
  });
}

/** When the step could begin: when the last of the steps before it was done. */
function beganAt(
  step: Step,
  { steps }: Playbook,
  states: readonly StepState[],
  at: number,
): number | undefined {
  const before = steps.flatMap(({ id }, index) => (step.after.includes(id) ? (states[index]?.at ?? []) : []));
  return before
    .filter((one) => one <= at)
    .sort((a, b) => a - b)
    .at(-1);
}
