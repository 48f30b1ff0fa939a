import type { GameState } from '../../log/state.ts';
import { clock } from '../../words/time.ts';

/**
 * Minutes and seconds since the injection, the clock of the debrief and of all reports; what happened while the game was prepared is
 * not timed. `at` in wall ms.
 */
export function gameTime({ injectedAt }: Pick<GameState, 'injectedAt'>, at: number): string {
  return injectedAt === undefined || at < injectedAt ? '--:--' : clock(at - injectedAt);
}
