import type { KubeObject } from '../../api.ts';
import { type CollectedSample, sampleOf } from './collector.ts';

/** The conditions of an object's status: a series for each of true, false and unknown, of which one is 1. */
export function* conditions(
  metric: string,
  labels: Record<string, string>,
  object: KubeObject,
): Generator<CollectedSample> {
  const list: { type: string; status: string }[] = object.status?.conditions ?? [];
  for (const { type, status } of list) {
    for (const value of ['true', 'false', 'unknown']) {
      yield sampleOf(metric, { ...labels, condition: type, status: value }, status.toLowerCase() === value);
    }
  }
}
