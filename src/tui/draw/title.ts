import type { GameState } from '../../log/state.ts';
import { timeLeft } from '../../log/times.ts';
import { clean } from '../../words/clean.ts';
import { clock } from '../../words/time.ts';
import type { Title } from '../screen.ts';
import type { UiState } from '../state/ui-state.ts';
import { gameTime } from './game-time.ts';

/** While no game runs: where the cluster stands. */
export function clusterTitle({ cluster }: UiState, left = 'WHEEL OF MISFORTUNE'): Title {
  return {
    left,
    right: cluster ? clean(`${cluster.name} · ${cluster.text}`) : '',
    tone: cluster && !cluster.healthy ? 'bad' : 'quiet',
  };
}

/** While a game runs: its clock. */
export function gameTitle({ state, now }: UiState): Title {
  return { left: clean(state.game?.title ?? ''), right: phaseText(state, now || state.at), tone: 'quiet' };
}

/** What phase it is, for the head of the page. */
function phaseText(state: GameState, now: number): string {
  // The screen's clock is looked at once a second: it may be behind an event.
  const spent = Math.max(0, now - (state.phases.at(-1)?.at ?? now));
  switch (state.phase) {
    case 'baseline':
      if (state.unmet.length > 0) return `waiting for the steady state ${clock(spent)}`;
      return `measuring the baseline ${clock(spent)}`;
    case 'inject':
      return `a failure is about to begin ${clock(spent)}`;
    case 'respond': {
      const at = Math.max(now, state.at);
      return `${gameTime(state, at)}   ${clock(timeLeft(state, at))} left`;
    }
    case 'ended':
    case 'restore':
      return `game over (${state.ended?.ending ?? '…'}): restoring the cluster`;
    case 'debrief':
      return 'cluster restored; grading';
    default:
      return state.phase;
  }
}
