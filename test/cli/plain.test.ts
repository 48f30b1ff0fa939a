import { afterEach, expect, it, vi } from 'vitest';
import { type PlainBackend, playPlain } from '../../src/cli/plain.ts';
import type { EventBody, GameEvent } from '../../src/log/events.ts';

const waits = (seen: string): EventBody => ({
  type: 'steady-state-awaited',
  unmet: [{ id: seen, holds: false, seen }],
});

/** A session with a game in which this happens. */
function sessionOf(bodies: EventBody[]): PlainBackend {
  const events = bodies.map(
    (body, index): GameEvent => ({ v: 1, seq: index + 1, at: index, mono: index * 1000, ...body }),
  );
  const title = 'Something is wrong';
  return {
    start: async () => ({ name: 'sandbox', healthy: true, text: '' }),
    unrestored: () => [],
    wheel: () => [{ name: 'x', title, difficulty: 1, weight: 1 }],
    draw: () => 0,
    debrief: async () => ({ heading: '', lines: [] }),
    play: async () => ({
      declare: async () => ({ accepted: true, message: '' }),
      follow: async (tell) => events.forEach(tell),
      ended: async () => 0,
    }),
  };
}

async function said(bodies: EventBody[], options: { json?: boolean } = {}): Promise<string[]> {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text).trimEnd()) > 0);
  await playPlain(sessionOf(bodies), options, new AbortController().signal);
  return lines;
}
afterEach(() => vi.restoreAllMocks());

const happened = [
  waits('alerts-left-over'),
  waits('alerts-left-over'),
  waits('p95'),
  waits('alerts-left-over'),
];

it('says what a game waits for when it is something else, not each time it is told', async () => {
  const lines = (await said(happened)).filter((line) => line.includes('not ready'));
  expect(lines.map((line) => line.replace(/^\S+ +not ready: /, ''))).toEqual([
    'an alert from the previous game is still firing',
    '1 steady-state check failing',
    'an alert from the previous game is still firing',
  ]);
});

it('prints every event as JSON, those that were told before as well', async () => {
  expect(await said(happened, { json: true })).toHaveLength(happened.length);
});
