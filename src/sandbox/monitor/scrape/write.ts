import type { LabelSet } from '../../../promql/series/labels.ts';
import type { StoredSeries } from '../tsdb/series.ts';
import type { Storage } from '../tsdb/storage.ts';

/**
 * One source's series in the storage. What it reported last time and does not report now is marked stale, so
 * that queries stop seeing it at once instead of after the look-back.
 */
export class SeriesWriter {
  readonly #storage: Storage;
  #current = new Set<StoredSeries>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** @param time ms since epoch, of every sample that has none of its own. Returns how many were stored. */
  write(samples: Iterable<{ labels: LabelSet; value: number; time?: number }>, time: number): number {
    const seen = new Set<StoredSeries>();
    let stored = 0;
    for (const sample of samples) {
      const series = this.#storage.series(sample.labels);
      if (!series) continue;
      if (series.append(sample.time ?? time, sample.value)) stored++;
      // A target that dates its samples itself decides when they are too old.
      if (sample.time === undefined) seen.add(series);
    }
    for (const series of this.#current) if (!seen.has(series)) series.markStale(time);
    this.#current = seen;
    return stored;
  }

  /** The source is gone. */
  end(time: number): void {
    this.write([], time);
  }
}
