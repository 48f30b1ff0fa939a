import type { GameLog } from '../log/log.ts';
import type { Prometheus } from '../signal/series.ts';
import type { Health } from './poll.ts';

/** A line that is drawn live: the first sample of the query is its value. */
export interface LiveSignal {
  id: string;
  query: string;
}

/** Samples all live signals once. No data is null; a Prometheus that does not answer leaves a gap and is logged. */
export async function sampleSignals(
  signals: readonly LiveSignal[],
  prometheus: Prometheus,
  log: GameLog,
  health: Health,
  signal: AbortSignal,
): Promise<void> {
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
