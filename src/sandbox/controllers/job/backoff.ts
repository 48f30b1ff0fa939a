import type { Pod } from '../kinds.ts';
import { millis } from '../time.ts';
import type { Finished } from './tracking.ts';

const FIRST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = 600_000;

/** The failures of a job since its last success. */
export interface FailureRecord {
  failures: number;
  /** When the last pod failed, ms since epoch. */
  lastFailure: number;
}

export function recordFinished(
  record: FailureRecord | undefined,
  { succeeded, failed }: Finished,
  now: number,
): FailureRecord {
  const lastSuccess = Math.max(Number.NEGATIVE_INFINITY, ...succeeded.map((pod) => finishedAt(pod, now)));
  const times = failed.map((pod) => finishedAt(pod, now)).filter((time) => time > lastSuccess);
  const before = succeeded.length > 0 ? undefined : record;
  return {
    failures: (before?.failures ?? 0) + times.length,
    lastFailure: Math.max(before?.lastFailure ?? 0, ...times),
  };
}

/** Milliseconds to wait before the next pod: at speed 1, 10 s after the first failure, twice as long after each other. */
export function backoffMillis(record: FailureRecord | undefined, now: number, speed: number): number {
  if (!record || record.failures === 0) return 0;
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (record.failures - 1), LONGEST_DELAY_MS);
  return Math.max(0, record.lastFailure + delay / speed - now);
}

function finishedAt({ status }: Pod, now: number): number {
  const times = (status.containerStatuses ?? [])
    .map((container) => millis(container.state?.terminated?.finishedAt))
    .filter((time) => !Number.isNaN(time));
  return times.length > 0 ? Math.max(...times) : now;
}
