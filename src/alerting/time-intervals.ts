import { z } from 'zod';

/**
 * Alertmanager's time intervals (https://prometheus.io/docs/alerting/latest/configuration/#time_interval): when a route is
 * muted, or the only times at which it is active.
 */
export interface TimeInterval {
  /** Minutes of the day, from inclusive, to exclusive. */
  readonly times?: readonly Span[] | undefined;
  /** 0 is Sunday. */
  readonly weekdays?: readonly Span[] | undefined;
  /** 1 to 31, or -1 (the last) to -31. */
  readonly days?: readonly Span[] | undefined;
  /** 1 to 12. */
  readonly months?: readonly Span[] | undefined;
  readonly years?: readonly Span[] | undefined;
  /** IANA name; UTC if left out. */
  readonly location?: string | undefined;
}

/** Both inclusive, unless said otherwise. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const words = z.array(z.union([z.string(), z.number()])).nullish();
const intervalSchema = z.strictObject({
  times: z.array(z.strictObject({ start_time: z.string(), end_time: z.string() })).nullish(),
  weekdays: words,
  days_of_month: words,
  months: words,
  years: words,
  location: z.string().nullish(),
});
export type TimeIntervalInput = z.output<typeof intervalSchema>;

/** A named list of intervals, as under `time_intervals` of an alertmanager.yml. */
export const timeIntervalSchema = z.strictObject({
  name: z.string().min(1),
  time_intervals: z.array(intervalSchema).nullish(),
});

/** By name. Throws Error for what Alertmanager refuses. */
export function readTimeIntervals(
  list: readonly z.output<typeof timeIntervalSchema>[],
): ReadonlyMap<string, readonly TimeInterval[]> {
  const found = new Map<string, readonly TimeInterval[]>();
  for (const { name, time_intervals: intervals } of list) {
    if (found.has(name)) throw new Error(`Expected every time interval once, got "${name}" twice`);
    found.set(name, (intervals ?? []).map(readTimeInterval));
  }
  return found;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

/** Throws Error for what Alertmanager refuses. */
export function readTimeInterval(input: TimeIntervalInput): TimeInterval {
  const location = input.location ?? undefined;
  if (location !== undefined) partsAt(0, location);
  return {
    times: input.times?.map((one) => {
      const span = { from: minutes(one.start_time), to: minutes(one.end_time) };
      if (span.from < span.to) return span;
      throw new Error(`Expected an end after ${one.start_time}, got ${one.end_time}`);
    }),
    weekdays: spans(input.weekdays, (text) => WEEKDAYS.indexOf(text), 'a weekday', [0, 6]),
    days: days(input.days_of_month),
    months: spans(input.months, (text) => MONTHS.indexOf(text) + 1 || whole(text), 'a month', [1, 12]),
    years: spans(input.years, whole, 'a year', [1, 9999]),
    location,
  };
}

/** @param at ms since epoch */
export function containsTime(interval: TimeInterval, at: number): boolean {
  const now = partsAt(at, interval.location ?? 'UTC');
  const within = (list: readonly Span[] | undefined, value: number) =>
    list === undefined || list.some(({ from, to }) => value >= from && value <= to);
  const lastDay = new Date(Date.UTC(now.year, now.month, 0)).getUTCDate();
  const fromStart = (day: number) => (day < 0 ? lastDay + day + 1 : day);
  return (
    (interval.times === undefined ||
      interval.times.some(({ from, to }) => now.minute >= from && now.minute < to)) &&
    within(interval.weekdays, now.weekday) &&
    within(
      interval.days?.map(({ from, to }) => ({ from: fromStart(from), to: fromStart(to) })),
      now.day,
    ) &&
    within(interval.months, now.month) &&
    within(interval.years, now.year)
  );
}

/** Names of the intervals by which a route says nothing at a time; without an active one of several, all of these. */
export function mutedBy(
  route: { mute: readonly string[]; active: readonly string[] },
  intervals: ReadonlyMap<string, readonly TimeInterval[]>,
  at: number,
): string[] {
  const holds = (name: string) => (intervals.get(name) ?? []).some((one) => containsTime(one, at));
  const muting = route.mute.filter(holds);
  return route.active.length > 0 && !route.active.some(holds) ? [...muting, ...route.active] : muting;
}

function minutes(text: string): number {
  const [, hour, minute] = /^(\d\d):(\d\d)$/.exec(text) ?? [];
  const total = Number(hour) * 60 + Number(minute);
  if (total <= 24 * 60 && Number(minute) < 60) return total;
  throw new Error(`Expected a time such as 17:30, up to 24:00, got ${JSON.stringify(text)}`);
}

function whole(text: string): number {
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
}

function spans(
  list: readonly (string | number)[] | null | undefined,
  read: (text: string) => number,
  what: string,
  [least, most]: readonly [number, number],
): Span[] | undefined {
  return list?.map((one) => {
    const text = String(one).toLowerCase();
    const [from = Number.NaN, to = from] = text.split(':').map((part) => read(part.trim()));
    if (from >= least && to <= most && from <= to) return { from, to };
    throw new Error(`Expected ${what}, or two in order as from:to, got ${JSON.stringify(one)}`);
  });
}

function days(list: readonly (string | number)[] | null | undefined): Span[] | undefined {
  return spans(list, whole, 'a day of the month', [-31, 31])?.map((span) => {
    if (span.from !== 0 && span.to !== 0) return span;
    throw new Error('Expected a day of the month from 1 or from -1, got 0');
  });
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Throws Error for a place that has no time zone. */
function partsAt(at: number, location: string) {
  let format = formats.get(location);
  if (!format) {
    try {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: location,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        weekday: 'long',
        hour: 'numeric',
        minute: 'numeric',
      });
    } catch (cause) {
      throw new Error(`Expected a time zone such as Europe/Berlin, got ${JSON.stringify(location)}`, {
        cause,
      });
    }
    formats.set(location, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    year: Number(parts.year),
    month: Number(parts.month),
    day: Number(parts.day),
    weekday: WEEKDAYS.indexOf((parts.weekday ?? '').toLowerCase()),
    minute: Number(parts.hour) * 60 + Number(parts.minute),
  };
}
