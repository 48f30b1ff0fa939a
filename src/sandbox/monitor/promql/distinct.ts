import { PromqlError } from './error.ts';
import type { Sample } from './value.ts';

/** The samples, unless two have the same labels: Prometheus gives an error rather than either. */
export function distinct(samples: readonly Sample[]): readonly Sample[] {
  const seen = new Set<string>();
  for (const { labels } of samples) {
    if (seen.has(labels.key)) {
      throw new PromqlError('execution', 'vector cannot contain metrics with the same labelset');
    }
    seen.add(labels.key);
  }
  return samples;
}
