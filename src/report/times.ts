/** To the nearest second, as `duration` rounds: "03:10" after the injection, "−00:05" before it, of ms; hours only where there are any. */
export function clock(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const two = (part: number) => String(part).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const text = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${ms < 0 && seconds > 0 ? '−' : ''}${hours > 0 ? `${hours}:` : ''}${text}`;
}
