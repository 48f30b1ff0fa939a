import { setTimeout as sleep } from 'node:timers/promises';
import { MisfortuneError } from '../errors.ts';
import type { RecordingOutcome } from './recorded-series.ts';
import type { Prometheus, Series } from './series.ts';

/** What became of one query, and why it has no series. */
export interface Asked {
  outcome: Extract<RecordingOutcome, 'recorded' | 'refused' | 'no answer'>;
  series: Series[];
  /** Without an address of ours and without a full stop. */
  why?: string;
}

/** Before a query that was not answered is asked once more, ms. */
const pauseMs = 500;

/**
 * Asks a Prometheus for a range; a query that is not answered is asked once more. Throws only what the signal is aborted
 * with.
 */
export async function askRange(
  prometheus: Prometheus,
  query: string,
  range: { start: number; end: number; step: number },
  signal?: AbortSignal,
): Promise<Asked> {
  const first = await ask(prometheus, query, range, signal);
  if (first.outcome !== 'no answer') return first;
  await sleep(pauseMs, undefined, { signal });
  const second = await ask(prometheus, query, range, signal);
  return second.outcome === 'no answer' ? { ...second, why: `${second.why}, asked twice` } : second;
}

async function ask(
  prometheus: Prometheus,
  query: string,
  range: { start: number; end: number; step: number },
  signal: AbortSignal | undefined,
): Promise<Asked> {
  try {
    return { outcome: 'recorded', series: await prometheus.queryRange(query, range, signal) };
  } catch (error) {
    signal?.throwIfAborted();
    const isRefusal = error instanceof MisfortuneError && error.code === 'prometheus-error';
    const why = reasonOf(error as Error, prometheus);
    return { outcome: isRefusal ? 'refused' : 'no answer', series: [], why };
  }
}

/** The reason as a part of a sentence about a panel: our address of Prometheus says nothing to its reader. */
function reasonOf({ message }: Error, { url }: Prometheus): string {
  return message.replaceAll(url, 'Prometheus').trim().replace(/\.+$/, '');
}
