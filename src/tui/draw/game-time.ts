import type { GameState } from '../../log/state.ts';
import { clock } from '../../words/time.ts';

/** Minutes and seconds into the game; what happened while it was prepared is not timed. `at` in wall ms. */
export function gameTime({ phases }: GameState, at: number): string {
  const start = phases.find(({ phase }) => phase === 'respond')?.at;
  return start === undefined || at < start ? '--:--' : clock(at - start);
}
