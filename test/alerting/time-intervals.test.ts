import { describe, expect, it } from 'vitest';
import { containsTime, readTimeInterval, type TimeIntervalInput } from '../../src/alerting/time-intervals.ts';

describe('a time interval of Alertmanager', () => {
  it.each<[TimeIntervalInput, string, boolean]>([
    [{}, '2026-01-01T00:00:00Z', true],
    [{ times: [{ start_time: '09:00', end_time: '17:00' }] }, '2026-01-01T09:00:00Z', true],
    [{ times: [{ start_time: '09:00', end_time: '17:00' }] }, '2026-01-01T17:00:00Z', false],
    [{ times: [{ start_time: '17:00', end_time: '24:00' }] }, '2026-01-01T23:59:59Z', true],
    [{ weekdays: ['monday:wednesday', 'Sunday'] }, '2026-01-06T12:00:00Z', true],
    [{ weekdays: ['monday:wednesday', 'Sunday'] }, '2026-01-08T12:00:00Z', false],
    [{ days_of_month: ['1:5', '-3:-1'] }, '2026-02-26T12:00:00Z', true],
    [{ days_of_month: ['1:5', '-3:-1'] }, '2026-02-25T12:00:00Z', false],
    [{ days_of_month: [31] }, '2026-02-28T12:00:00Z', false],
    [{ days_of_month: ['28:31'] }, '2026-02-28T12:00:00Z', true],
    [{ months: ['1:3', 'may:august', 12] }, '2026-06-01T00:00:00Z', true],
    [{ months: ['1:3', 'may:august', 12] }, '2026-04-01T00:00:00Z', false],
    [{ years: ['2020:2022', 2026] }, '2026-04-01T00:00:00Z', true],
    [{ years: ['2020:2022'] }, '2026-04-01T00:00:00Z', false],
    // In Sydney it is the next day already.
    [{ weekdays: ['friday'], location: 'Australia/Sydney' }, '2026-01-01T14:00:00Z', true],
    [{ weekdays: ['friday'] }, '2026-01-01T14:00:00Z', false],
    [{ weekdays: ['thursday'], months: ['february'] }, '2026-01-01T14:00:00Z', false],
  ])('%j at %s: %s', (input, at, expected) => {
    expect(containsTime(readTimeInterval(input), Date.parse(at))).toBe(expected);
  });

  it.each<[TimeIntervalInput, string]>([
    [{ times: [{ start_time: '17:00', end_time: '09:00' }] }, 'Expected an end after 17:00, got 09:00'],
    [{ times: [{ start_time: '9:00', end_time: '25:00' }] }, 'Expected a time such as 17:30'],
    [{ weekdays: ['friday:monday'] }, 'Expected a weekday, or two in order'],
    [{ days_of_month: [0] }, 'got 0'],
    [{ days_of_month: [32] }, 'Expected a day of the month'],
    [{ months: ['13'] }, 'Expected a month'],
    [{ location: 'Nowhere/Land' }, 'Expected a time zone such as Europe/Berlin'],
  ])('refuses %j', (input, message) => {
    expect(() => readTimeInterval(input)).toThrow(message);
  });
});
