/** "3 m 10 s", "45 s", "1.4 s", "1 h 5 m" of milliseconds. */
export function duration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 9950) return `${Number((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(size / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds >= 3600 ? 0 : seconds % 60, 's'],
  ] as const;
  const text = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return `${ms < 0 ? '−' : ''}${text.join(' ')}`;
}

/** "03:10" of milliseconds, "−00:05" before the start, "1:02:03" from an hour on; to the nearest second, as `duration`. */
export function clock(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const two = (part: number) => String(part).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const text = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${ms < 0 && seconds > 0 ? '−' : ''}${hours > 0 ? `${hours}:` : ''}${text}`;
}

/** "2026-11-22 07:42:10 UTC" of wall ms: the same on every machine. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** "today", "yesterday", "12 days ago", "never" of wall ms. */
export function ago(at: number | undefined, now: number): string {
  if (at === undefined) return 'never';
  const days = Math.floor((now - at) / 86_400_000);
  if (days <= 0) return 'today';
  return days === 1 ? 'yesterday' : `${days} days ago`;
}
