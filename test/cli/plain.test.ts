import { afterEach, expect, it, vi } from 'vitest';
import type { GameMaster } from '../../src/cli/game-master.ts';
import { playPlain } from '../../src/cli/plain.ts';
import type { EventBody, GameEvent } from '../../src/log/events.ts';

const waits = (seen: string): EventBody => ({
  type: 'calm-awaited',
  unmet: [{ id: seen, holds: false, seen }],
});

/** A game in which this happens. */
function masterOf(bodies: EventBody[]): GameMaster {
  const events = bodies.map((body, seq) => ({ v: 1, seq, at: seq, mono: seq * 1000, ...body }) as GameEvent);
  const game = {
    declare: async () => undefined,
    follow: async (tell: (event: GameEvent) => void) => events.forEach(tell),
    ended: async () => 0,
  };
  const master = {
    ...{ start: async () => undefined, unrestored: () => [], lastWords: () => [], draw: () => 0 },
    wheel: () => [{ name: 'x', title: 'Something is wrong' }],
    play: async () => game,
  };
  return master as unknown as GameMaster;
}

async function said(bodies: EventBody[], options: { json?: boolean } = {}): Promise<string[]> {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text).trimEnd()) > 0);
  await playPlain(masterOf(bodies), options, new AbortController().signal);
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
  const lines = (await said(happened)).filter((line) => line.includes('not calm yet'));
  expect(lines.map((line) => line.replace(/^\S+ +not calm yet: /, ''))).toEqual([
    'an alert of an earlier game is still on',
    "1 of the scenario's checks of health",
    'an alert of an earlier game is still on',
  ]);
});

it('prints every event as JSON, those that were told before as well', async () => {
  expect(await said(happened, { json: true })).toHaveLength(happened.length);
});
