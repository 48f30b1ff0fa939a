import type { GradeInput } from '../grade/input.ts';
import type { Moment } from './timeline.ts';

/** What is shown around a moment, ms: so much before it, and as much after it. */
const around = 15 * 60_000;

/**
 * Where a moment can be looked at in a browser: its query in Prometheus at that time, or its dashboard in Grafana. Undefined
 * where the game does not know their addresses, or the moment shows nothing.
 */
export function linkOf(
  { at, shows }: Moment,
  { game, injectedAt = 0 }: GradeInput['state'],
): string | undefined {
  if (!shows) return undefined;
  const [from, until] = [injectedAt + at - around, injectedAt + at + around];
  const { prometheus, grafana } = game?.links ?? {};
  if ('dashboard' in shows) {
    return grafana && `${grafana}/d/${encodeURIComponent(shows.dashboard)}?from=${from}&to=${until}`;
  }
  const end = new Date(until).toISOString().slice(0, 19).replace('T', ' ');
  const asked = new URLSearchParams({
    'g0.expr': shows.query,
    'g0.tab': '0',
    'g0.range_input': `${(2 * around) / 60_000}m`,
    'g0.end_input': end,
  });
  return prometheus && `${prometheus}/graph?${asked}`;
}
