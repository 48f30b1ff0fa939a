/** "2026-11-22 07:42:10 UTC" of wall ms: the same on every machine. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** "03:10" after the injection, "−00:05" before it, of ms; hours only where there are any. */
export function clock(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const two = (part: number) => String(part).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const text = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${ms < 0 && seconds > 0 ? '−' : ''}${hours > 0 ? `${hours}:` : ''}${text}`;
}
