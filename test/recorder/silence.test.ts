import { expect, it } from 'vitest';
import { silenceWords } from '../../src/recorder/silence.ts';

const matchers = [{ name: 'alertname', value: 'Slow', isRegex: false }];
const words = (startsAt: string, endsAt: string) =>
  silenceWords(JSON.stringify({ matchers, startsAt, endsAt }));

it('tells the end of a silence by the clock within a day of its beginning', () => {
  expect(words('2026-11-28T23:00:00Z', '2026-11-29T03:00:00Z')).toBe('alertname="Slow" until 03:00 UTC');
});

it('tells the end of a longer silence with its date', () => {
  expect(words('2026-11-28T23:00:00Z', '2027-11-29T03:00:00Z')).toBe(
    'alertname="Slow" until 2027-11-29 03:00 UTC',
  );
});
