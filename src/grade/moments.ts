import type { GameState } from '../log/state.ts';
import { type GameTimes, gameTimes } from '../log/times.ts';
import type { Span } from './finding.ts';

/** The windows and clocks of grading, wall ms since epoch. */
export interface Moments {
  times: GameTimes;
  injected: number;
  /** First breach of a live signal; the injection if none was seen. */
  symptom: number;
  symptomSeen: boolean;
  /** The end of the fault: from when the oracle held, or the end of the game. */
  faultEnd: number;
  /** The end of the game. */
  end: number;
  /** From the injection to the end. */
  lengthMs: number;
  speed: number;
}

export function momentsOf(state: GameState): Moments {
  const times = gameTimes(state);
  const injected = state.injectedAt ?? state.game?.at ?? 0;
  const end = Math.max(injected, times.ended ?? state.at);
  return {
    times,
    injected,
    symptom: times.symptom ?? injected,
    symptomSeen: times.symptom !== undefined,
    faultEnd: Math.max(injected, times.mitigated ?? end),
    end,
    lengthMs: end - injected,
    speed: state.game?.speed ?? 1,
  };
}

/** The spans that findings are about, ms from the injection. */
export interface Course {
  /** From the first symptom until the right diagnosis; without one until the fault's end. */
  search: Span;
  faultEnd: number;
  end: number;
}

export function courseOf({ times, injected, symptom, faultEnd, lengthMs }: Moments): Course {
  const found = times.diagnosed ?? faultEnd;
  return {
    search: { from: Math.max(0, symptom - injected), until: Math.min(found, faultEnd) - injected },
    faultEnd: faultEnd - injected,
    end: lengthMs,
  };
}
