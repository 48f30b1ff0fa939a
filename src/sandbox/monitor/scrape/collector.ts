import { LabelSet } from '../../../promql/series/labels.ts';
import type { SandboxClock } from '../../api.ts';
import type { Storage } from '../tsdb/storage.ts';
import { SeriesWriter } from './write.ts';

export interface CollectedSample {
  readonly labels: LabelSet;
  readonly value: number;
}

/** Shorthand of exporters: a sample by metric name, labels and value. */
export function sampleOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  value: number | boolean,
): CollectedSample {
  return { labels: LabelSet.from({ ...labels, __name__: name }), value: Number(value) };
}

/**
 * Stores what an exporter inside this process reports, as if it had been scraped: with the target's labels and
 * `up`. Returns stop.
 */
export function collectFrom(
  collect: (time: number) => Iterable<CollectedSample>,
  target: Readonly<Record<string, string>>,
  { storage, clock, intervalMs }: { storage: Storage; clock: SandboxClock; intervalMs: number },
): () => void {
  const writer = new SeriesWriter(storage);
  const labelled = new Map<string, LabelSet>();
  const withTarget = (labels: LabelSet): LabelSet => {
    let result = labelled.get(labels.key);
    if (!result) {
      // The exporter's own labels win: they name the object a sample is about (honor_labels: true).
      result = LabelSet.of([...Object.entries(target), ...labels]);
      if (labelled.size > 20_000) labelled.clear();
      labelled.set(labels.key, result);
    }
    return result;
  };
  const collectNow = () => {
    const time = clock.now();
    const samples = [...collect(time), { labels: LabelSet.from({ __name__: 'up' }), value: 1 }];
    writer.write(
      samples.map(({ labels, value }) => ({ labels: withTarget(labels), value })),
      time,
    );
  };
  collectNow();
  const cancel = clock.setInterval(collectNow, intervalMs);
  return () => {
    cancel();
    writer.end(clock.now());
  };
}
