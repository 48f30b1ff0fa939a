/** What an autoscaler remembers between its looks; lost with the process, as the real controller's is. */
export interface History {
  /** Replicas that the metrics asked for, and when (ms). */
  recommendations: { replicas: number; at: number }[];
  /** Pods added (positive) or removed, and when (ms). */
  changes: { by: number; at: number }[];
}

export function noHistory(): History {
  return { recommendations: [], changes: [] };
}

export function noteScaling(history: History, by: number, now: number): void {
  history.changes.push({ by, at: now });
}

/** Forgets what no window reaches back to. */
export function forget(history: History, longestMs: number, now: number): void {
  const isRecent = ({ at }: { at: number }) => now - at <= longestMs;
  history.recommendations = history.recommendations.filter(isRecent);
  history.changes = history.changes.filter(isRecent);
}

/** Pods added and removed in the last `ms`. */
export function changesWithin(
  { changes }: History,
  ms: number,
  now: number,
): { added: number; removed: number } {
  const recent = changes.filter(({ at }) => now - at < ms).map(({ by }) => by);
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return { added: sum(recent.filter((by) => by > 0)), removed: -sum(recent.filter((by) => by < 0)) };
}
