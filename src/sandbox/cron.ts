/**
 * Schedules of five fields as CronJobs write them (robfig/cron v3 ParseStandard, whose errors these are), and when they
 * are due.
 */

export type Schedule = { everyMs: number } | Fields;

interface Fields {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
  /** A day of the month and one of the week: if both are restricted, either will do. */
  eitherDay: boolean;
}

interface Range {
  min: number;
  max: number;
  names?: string[];
}

const RANGES: readonly Range[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  {
    min: 1,
    max: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const DESCRIPTORS: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const EVERY = '@every ';
const DAY_MS = 86_400_000;
/** A schedule that is not due within so many years never is (30 February). */
const YEARS_AHEAD = 5;

/** Throws an Error whose message the API server gives to the client. */
export function parseSchedule(text: string): Schedule {
  if (text.startsWith(EVERY)) return { everyMs: every(text) };
  const fields = (DESCRIPTORS[text] ?? text).split(/\s+/).filter((field) => field !== '');
  if (text.startsWith('@') && !DESCRIPTORS[text]) throw new Error(`unrecognized descriptor: ${text}`);
  if (fields.length !== RANGES.length) {
    throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  const parsed = fields.map((field, index) => parseField(field, RANGES[index]!));
  const [minutes, hours, days, months, weekdays] = parsed.map(({ values }) => values) as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  return { minutes, hours, days, months, weekdays, eitherDay: !parsed[2]!.any && !parsed[4]!.any };
}

function every(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const duration = text.slice(EVERY.length);
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(duration)) {
    throw new Error(`failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`);
  }
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0);
  return Math.max(1000, Math.floor(ms / 1000) * 1000);
}

function parseField(text: string, range: Range): { values: Set<number>; any: boolean } {
  const parts = text.split(',').map((part) => parsePart(part, range));
  return { values: new Set(parts.flatMap(({ values }) => values)), any: parts.some(({ any }) => any) };
}

/** `*`, `n`, `a-b`, each with `/step`; `n/step` goes on to the end of the range. */
function parsePart(text: string, { min, max, names = [] }: Range): { values: number[]; any: boolean } {
  const [from = '', stepText, ...tooMany] = text.split('/');
  const [low = '', high, ...more] = from.split('-');
  const star = low === '*' || low === '?';
  if (!star && more.length > 0) throw new Error(`too many hyphens: ${text}`);
  const start = star ? min : numberOf(low, names);
  let end = star ? max : high === undefined ? start : numberOf(high, names);
  if (tooMany.length > 0) throw new Error(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : numberOf(stepText, []);
  if (stepText !== undefined && high === undefined) end = max;
  if (start < min) throw new Error(`beginning of range (${start}) below minimum (${min}): ${text}`);
  if (end > max) throw new Error(`end of range (${end}) above maximum (${max}): ${text}`);
  if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new Error(`step of range should be a positive number: ${text}`);
  const values: number[] = [];
  for (let value = start; value <= end; value += step) values.push(value);
  return { values, any: star && step === 1 };
}

function numberOf(text: string, names: readonly string[]): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + (names.length === 12 ? 1 : 0);
  if (!/^[+-]?\d+$/.test(text)) {
    throw new Error(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  if (Number(text) < 0) throw new Error(`negative number (${Number(text)}) not allowed: ${text}`);
  return Number(text);
}

/** Whether the zone is one that schedules can be read in. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

/** When the schedule is due for the first time after `after` (ms since epoch), in a time zone of the IANA database. */
export function nextTime(schedule: Schedule, after: number, zone = 'UTC'): number | undefined {
  if ('everyMs' in schedule) return Math.floor(after / 1000) * 1000 + schedule.everyMs;
  const first = startOfDay(after + offset(after, zone));
  for (let day = first; day <= first + YEARS_AHEAD * 366 * DAY_MS; day += DAY_MS) {
    if (!isDue(schedule, new Date(day))) continue;
    for (const hour of ascending(schedule.hours)) {
      for (const minute of ascending(schedule.minutes)) {
        const time = instantOf(day + hour * 3_600_000 + minute * 60_000, zone);
        if (time !== undefined && time > after) return time;
      }
    }
  }
  return undefined;
}

const startOfDay = (ms: number) => Math.floor(ms / DAY_MS) * DAY_MS;
const ascending = (values: Set<number>) => [...values].sort((a, b) => a - b);

function isDue({ days, months, weekdays, eitherDay }: Fields, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const day = days.has(date.getUTCDate());
  const weekday = weekdays.has(date.getUTCDay());
  return eitherDay ? day || weekday : day && weekday;
}

/** The instant at which clocks of the zone show `local` (as if it were UTC); undefined where they skip it. */
function instantOf(local: number, zone: string): number | undefined {
  const guess = local - offset(local, zone);
  const time = local - offset(guess, zone);
  return time + offset(time, zone) === local ? time : undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds by which clocks of the zone are ahead of UTC. */
function offset(time: number, zone: string): number {
  if (zone === 'UTC') return 0;
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(
    format.formatToParts(time).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}
