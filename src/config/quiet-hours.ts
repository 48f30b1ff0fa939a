import { days, type QuietHours } from './schema.ts';

/** The first quiet time that `now` (ms since epoch) falls into, in words; undefined if a game may start. */
export function quietNow(quiet: readonly QuietHours[], now: number): string | undefined {
  const hit = quiet.find((each) => isQuiet(each, now));
  return hit && describeQuiet(hit);
}

/** All keys given must hold. `after: 22:00` with `before: 06:00` is the night between the two. */
export function isQuiet({ days: quietDays, after, before, zone }: QuietHours, now: number): boolean {
  const { day, time } = localTime(now, zone);
  if (quietDays && !quietDays.includes(day)) return false;
  const isAfter = after === undefined || time >= after;
  const isBefore = before === undefined || time < before;
  if (after !== undefined && before !== undefined && after > before) return isAfter || isBefore;
  return isAfter && isBefore;
}

function describeQuiet({ days: quietDays, after, before, zone }: QuietHours): string {
  const parts = [
    quietDays?.join(', '),
    after && `after ${after}`,
    before && `before ${before}`,
    zone && `in ${zone}`,
  ];
  return parts.filter(Boolean).join(' ');
}

function localTime(now: number, zone: string | undefined): { day: (typeof days)[number]; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  }).formatToParts(now);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  const day = days.find((each) => each === part('weekday').toLowerCase().slice(0, 3)) ?? 'mon';
  return { day, time: `${part('hour')}:${part('minute')}` };
}
