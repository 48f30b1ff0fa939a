import type { GameState } from '../log/state.ts';
import { type GameTimes, gameTimes } from '../log/times.ts';

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
