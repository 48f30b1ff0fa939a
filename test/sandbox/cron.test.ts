import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextTime, parseSchedule } from '../../src/sandbox/cron.ts';

const at = (text: string) => Date.parse(text);
const next = (schedule: string, after: string, zone?: string) => {
  const time = nextTime(parseSchedule(schedule), at(after), zone);
  return time === undefined ? undefined : new Date(time).toISOString().slice(0, 16);
};

describe('the next time of a schedule', () => {
  it.each([
    ['* * * * *', '2026-03-01T10:00:30Z', '2026-03-01T10:01'],
    ['*/15 * * * *', '2026-03-01T10:15:00Z', '2026-03-01T10:30'],
    ['5/20 * * * *', '2026-03-01T10:06:00Z', '2026-03-01T10:25'],
    ['0 3 1 1 *', '2026-03-01T10:00:00Z', '2027-01-01T03:00'],
    ['30 9-17 * * mon-fri', '2026-02-27T17:31:00Z', '2026-03-02T09:30'],
    ['0 0 13 * FRI', '2026-02-14T00:00:00Z', '2026-02-20T00:00'],
    ['0 0 */2 * fri', '2026-02-14T00:00:00Z', '2026-02-15T00:00'],
    ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00'],
    ['@hourly', '2026-03-01T10:00:00Z', '2026-03-01T11:00'],
    ['@every 90m', '2026-03-01T10:00:00Z', '2026-03-01T11:30'],
  ])('%s after %s is %s', (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  it('never comes for a day that does not exist', () => {
    expect(next('0 0 30 2 *', '2026-03-01T00:00:00Z')).toBeUndefined();
  });

  it('follows the clocks of its time zone, and leaves out a time that they skip', () => {
    expect(next('0 9 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T07:00');
    expect(next('30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-30T00:30');
    expect(next('0 9 * * *', '2026-03-01T03:00:00Z', 'Asia/Jakarta')).toBe('2026-03-02T02:00');
  });

  it('is later than the time asked for, on one of its minutes, and no earlier one was passed over', () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 5 });
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 5 });
    const after = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });
    fc.assert(
      fc.property(minutes, hours, after, (minute, hour, time) => {
        const fits = (ms: number) =>
          minute.includes(new Date(ms).getUTCMinutes()) && hour.includes(new Date(ms).getUTCHours());
        const found = nextTime(parseSchedule(`${minute} ${hour} * * *`), time)!;
        expect(found).toBeGreaterThan(time);
        expect(fits(found)).toBe(true);
        for (let ms = (Math.floor(time / 60_000) + 1) * 60_000; ms < found; ms += 60_000)
          expect(fits(ms)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a schedule that cannot be read', () => {
  it.each([
    ['each day', 'expected exactly 5 fields, found 2: [each day]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['9-5 * * * *', 'beginning of range (9) beyond end of range (5): 9-5'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['@never', 'unrecognized descriptor: @never'],
  ])('%s: %s', (schedule, message) => {
    expect(() => parseSchedule(schedule)).toThrow(message);
  });
});
