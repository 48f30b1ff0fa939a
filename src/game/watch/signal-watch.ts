import { intervals } from '../intervals.ts';
import type { Hold } from '../phases/hold.ts';
import { type Play, pace } from '../play.ts';
import { watchAbort } from './abort-watch.ts';
import { watchGuardian } from './guardian-watch.ts';
import { poll } from './poll.ts';

/**
 * Samples the live signals and looks at the alerts, from the baseline on until the signal fires; looks for whoever wants
 * the game to stop, and after the guardian. Never throws.
 */
export async function watchSignals(play: Play, hold: Hold, signal: AbortSignal): Promise<void> {
  const begun = () => play.state().baseline !== undefined;
  const loop = (interval: number, task: () => Promise<void>) =>
    poll(play.clock, pace(play, interval), signal, async () => {
      if (begun()) await task();
    });
  await Promise.all([
    loop(intervals.signals, () => sample(play, signal)),
    loop(intervals.alerts, () => play.alerts.look(signal)),
    ...(play.setup.monitoring.rulers ?? []).map((ruler) =>
      loop(intervals.rulers, () => play.alerts.lookAtRuler(ruler, signal)),
    ),
    watchAbort(play, hold, signal),
    watchGuardian(play, signal),
  ]);
}

/** No data is null; a Prometheus that does not answer leaves a gap and is logged. */
async function sample({ health, log, setup, state }: Play, signal: AbortSignal): Promise<void> {
  const signals = state().game?.signals ?? [];
  const { prometheus } = setup.monitoring;
  const samples = await health.watch('prometheus', signal, () =>
    Promise.all(
      signals.map(async ({ id, query }) => {
        const [sample] = await prometheus.query(query, { signal });
        return { id, value: sample && Number.isFinite(sample.value) ? sample.value : null };
      }),
    ),
  );
  const gap = () => signals.map(({ id }) => ({ id, value: null }));
  if (!signal.aborted) log.append({ type: 'signals-sampled', samples: samples ?? gap() });
}
