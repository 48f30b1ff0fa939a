import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/clock.ts';
import { spinWheel, weighWheel } from '../../src/game/wheel.ts';

const day = 24 * 60 * 60 * 1000;
const now = 100 * day;
const scenario = (name: string, tags: string[] = []) => ({ name, title: name, difficulty: 1, tags });
const three = [scenario('a', ['load']), scenario('b'), scenario('c')];
const game = (name: string, daysAgo: number, player = 'me') => ({
  scenario: name,
  player,
  at: now - daysAgo * day,
  played: true,
});
const weights = (entries: { name: string; weight: number }[]) =>
  Object.fromEntries(entries.map((entry) => [entry.name, entry.weight]));

describe('the wheel', () => {
  it('is even when nothing was played yet', () => {
    for (const { weight } of weighWheel(three, [], { player: 'me', now })) expect(weight).toBeCloseTo(1 / 3);
  });

  it('prefers what was not played lately, by anybody', () => {
    const { a, b, c } = weights(
      weighWheel(three, [game('a', 1, 'x'), game('b', 30, 'x')], { player: 'me', now }),
    );
    expect(a).toBeLessThan(b as number);
    expect(b).toBeLessThan(c as number);
  });

  it('prefers what this player has practised least', () => {
    const games = [game('a', 20), game('b', 20, 'other')];
    const { a, b } = weights(weighWheel(three, games, { player: 'me', now }));
    expect(a).toBeLessThan(b as number);
  });

  it('prefers wanted tags', () => {
    const { a, b } = weights(weighWheel(three, [], { player: 'me', now, tags: ['load'] }));
    expect(a).toBeGreaterThan(b as number);
  });

  it('does not count games that were never injected', () => {
    const aborted = { ...game('a', 1), played: false };
    expect(weighWheel(three, [aborted], { player: 'me', now })[0]?.lastPlayed).toBeUndefined();
  });

  it('makes nothing impossible and nothing certain, and adds up to one', () => {
    const anyGame = fc.record({
      scenario: fc.constantFrom('a', 'b', 'c'),
      player: fc.constantFrom('me', 'other'),
      at: fc.integer({ min: 0, max: now }),
      played: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyGame, { maxLength: 50 }), (games) => {
        const entries = weighWheel(three, games, { player: 'me', now });
        for (const { weight } of entries) {
          expect(weight).toBeGreaterThan(0);
          expect(weight).toBeLessThan(1);
        }
        expect(entries.reduce((sum, entry) => sum + entry.weight, 0)).toBeCloseTo(1);
      }),
    );
  });

  it('stops at the same place for the same seed, and as often at each as it weighs', () => {
    const entries = weighWheel(three, [game('a', 1)], { player: 'me', now });
    expect(spinWheel(entries, seededRandom(7))).toBe(spinWheel(entries, seededRandom(7)));
    const random = seededRandom(1);
    const count = { a: 0, b: 0, c: 0 };
    for (let round = 0; round < 6000; round++) count[spinWheel(entries, random)?.name as 'a']++;
    for (const { name, weight } of entries) expect(count[name as 'a'] / 6000).toBeCloseTo(weight, 1);
  });

  it('stops nowhere when it is empty', () => {
    expect(spinWheel([], seededRandom(1))).toBeUndefined();
  });
});
