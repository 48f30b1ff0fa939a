import { MisfortuneError } from '../../errors.ts';
import { abortAnnotation } from '../../fault/plan/guard-rails.ts';
import type { Hold } from '../phases/hold.ts';
import type { Play } from '../play.ts';
import { poll } from './poll.ts';

/** Real ms: whoever stops a game waits for it. */
const every = 2_000;

/** Ends the game when somebody annotates one of its namespaces: with stock kubectl, knowing nothing of this program. */
export async function watchAbort(play: Play, hold: Hold, signal: AbortSignal): Promise<void> {
  const { setup, clock } = play;
  await poll(clock, every, signal, async () => {
    // Before that there is nothing to end: preflight refuses.
    if (!hold.ledger) return;
    for (const name of setup.namespaces) {
      // An API server that does not answer is the heartbeat's to tell.
      const namespace = await setup.cluster.get({ kind: 'namespace', name }, signal).catch(() => undefined);
      const value = namespace?.metadata.annotations?.[abortAnnotation];
      if (value === undefined || play.signal.aborted) continue;
      const said = value && value !== 'true' ? `: ${value}` : '';
      play.abort(
        new MisfortuneError(
          'abort-annotation',
          `somebody stopped the game with an annotation on the namespace ${name}${said}`,
        ),
      );
    }
  });
}
