import { guardianStatus } from '../../fault/guardian/install.ts';
import type { Play } from '../play.ts';
import { poll } from './poll.ts';

/** It renews its Lease every four seconds; a deleted pod is back long before this. Real ms. */
const every = 10_000;
const silentFor = 60_000;

/** Tells when the guardian has gone silent: then a crash would leave everything to `misfortune recover`. */
export async function watchGuardian(play: Play, signal: AbortSignal): Promise<void> {
  const { setup, clock, health } = play;
  const { guardian, cluster } = setup;
  if (!guardian || guardian.mode === 'off') return;
  const { mode, namespace } = guardian;
  let seen = { renewed: '', at: clock.mono() };
  await poll(clock, every, signal, async () => {
    if (play.state().injectedAt === undefined || play.state().ended) return;
    await health.watch('guardian', signal, async () => {
      const status = await guardianStatus(mode, namespace, cluster, 0);
      const renewed = status?.renewed ?? '';
      if (renewed !== seen.renewed) seen = { renewed, at: clock.mono() };
      const silent = clock.mono() - seen.at;
      if (silent > silentFor)
        throw new Error(`the guardian has sent no heartbeat for ${Math.round(silent / 1000)} s`);
    });
  });
}
