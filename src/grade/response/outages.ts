import type { GameState } from '../../log/state.ts';
import type { Playbook } from '../../playbook/schema.ts';
import { type Deed, deedsOf, hitOf, isWriteDeed } from '../playbook/deeds.ts';
import type { StepState, Undoing } from '../playbook/steps.ts';

/** A time in which the service failed, wall ms. */
export interface Outage {
  from: number;
  /** Undefined: until the end of the game. */
  until?: number;
  /** What began it; undefined: the fault. */
  cause?: Deed;
  /** What ended it, if it is known. */
  end?: Deed;
}

/** The outages of a game: one by the fault, and one more for each deed that took a mitigating step back. */
export function outagesOf(
  playbook: Playbook,
  state: GameState,
  states: readonly StepState[],
  undoings: readonly Undoing[],
): Outage[] {
  const mitigating = playbook.steps.filter(({ phase }) => phase === 'mitigate');
  const breaks = undoings.filter(({ steps }) => mitigating.some(({ id }) => steps.includes(id)));
  const deeds = deedsOf(state).filter(isWriteDeed);
  const undoing = new Set(undoings.map(({ deed }) => deed.at));
  const fixes = deeds.filter((deed) => !undoing.has(deed.at) && mitigating.some((step) => hitOf(step, deed)));
  const begins = [
    { from: state.injectedAt ?? 0 },
    ...breaks.map(({ deed }) => ({ from: deed.at, cause: deed })),
  ];
  const last = new Set(states.flatMap(({ at }) => at ?? []));
  return begins.map(({ from, ...rest }, index): Outage => {
    const next = begins[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    const within = fixes.filter(({ at }) => at > from && at < next);
    const end = within.findLast(({ at }) => last.has(at)) ?? within[0];
    const green = state.oracleTurns.find(({ at, holds }) => holds && at > from && at < next);
    const until = end?.at ?? green?.at;
    return { from, ...(until !== undefined && { until }), ...(end && { end }), ...rest };
  });
}
