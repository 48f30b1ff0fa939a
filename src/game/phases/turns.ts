import type { CheckResult } from '../../log/events.ts';
import type { Repeat } from '../../scenario/repeat.ts';
import type { FaultUse, Scenario } from '../../scenario/schema.ts';
import { type Play, real } from '../play.ts';

/** A fault or decoy that comes and goes. */
export interface Repeating extends Pick<FaultUse, 'id' | 'after' | 'effect'> {
  repeat: Repeat;
  role?: 'decoy' | 'noise';
}

/** The steps of a scenario that do. */
export function repeatingOf({ faults, decoys }: Scenario): Repeating[] {
  return [...faults, ...decoys].flatMap((step) => (step.repeat ? [{ ...step, repeat: step.repeat }] : []));
}

/** How a step stands that comes and goes. */
interface Turn {
  isOn: boolean;
  /** Wall ms at which the turn is to be undone. */
  until: number;
  /** Monotonic ms from which on its effect would show: before that its absence tells nothing. */
  showsAt: number;
}

/** By the step's id; one that does not come again is not in it. */
export type Turns = Map<string, Turn>;

/** A turn (1, 2, 3 …) of a step is there. The effect of the first one is waited for; of later ones nobody knows whether it comes. */
export function beginTurn(play: Play, turns: Turns, { id, effect, repeat }: Repeating, turn: number): void {
  const delay = turn === 1 ? 0 : real(play, effect?.within ?? 0);
  const until = play.clock.now() + real(play, repeat.for);
  turns.set(id, { isOn: true, until, showsAt: play.clock.mono() + delay });
  play.log.append({ type: 'turn-begun', fault: id, turn, until });
}

/**
 * Why the oracle cannot tell anything now: a fault is between two turns, or its turn has only begun. That is a gap: it
 * neither proves a claim nor refutes it. Faults that do not come again are no longer in `turns`.
 */
export function turnGaps({ clock }: Play, { faults }: Scenario, turns: Turns): CheckResult[] {
  return faults.flatMap(({ id }): CheckResult[] => {
    const turn = turns.get(id);
    if (!turn || (turn.isOn && clock.mono() >= turn.showsAt)) return [];
    const seen = turn.isOn ? `${id} has just come again` : `${id} is between two turns`;
    return [{ id: `turns-of-${id}`, holds: false, gap: true, seen }];
  });
}
