import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OracleWatch } from '../../src/game/watch/oracle-watch.ts';
import type { CheckResult } from '../../src/log/events.ts';
import { type GameLog, openLog } from '../../src/log/log.ts';
import { ManualClock } from './manual-clock.ts';

const good: CheckResult = { id: 'fast', holds: true, seen: '0.1 s' };
const bad: CheckResult = { id: 'fast', holds: false, seen: '2 s' };
const gap: CheckResult = { id: 'fast', holds: false, seen: 'no data', gap: true };

let home: string;
let log: GameLog;
let clock: ManualClock;
let seen: CheckResult[];
let watch: OracleWatch;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  clock = new ManualClock();
  log = openLog(join(home, 'log.jsonl'), clock);
  seen = [bad];
  watch = new OracleWatch({
    evaluate: async () => seen,
    sustained: 30_000,
    unclaimed: 120_000,
    interval: 5000,
    log,
    clock,
  });
});
afterEach(() => {
  log.close();
  rmSync(home, { recursive: true });
});

/** Looks once every 5 s for so long. */
async function pass(ms: number): Promise<void> {
  for (let gone = 0; gone < ms; gone += 5000) {
    clock.advance(5000);
    await watch.look();
  }
}

describe('a claim', () => {
  it('is wrong at once while a check fails, names it in the log, and play goes on', async () => {
    expect(await watch.claim('a')).toBe(false);
    expect(log.events.at(-1)).toMatchObject({ type: 'claimed', accepted: false, failing: [bad] });
    expect(watch.verdict).toBeUndefined();
  });

  it('that the look under way decides is told, although nothing can be looked at any more', async () => {
    let answer: (checks: CheckResult[]) => void = () => undefined;
    let isOver = false;
    watch = new OracleWatch({
      evaluate: () =>
        isOver ? Promise.reject(new Error('the game is over')) : new Promise((resolve) => (answer = resolve)),
      ...{ sustained: 0, unclaimed: 120_000, interval: 5000, log, clock },
    });
    const looking = watch.look();
    const claim = watch.claim('a');
    isOver = true;
    answer([good]);
    await looking;
    expect(await claim).toBe(true);
    expect(watch.verdict).toContain('claimed');
  });

  it('is wrong when the game ends while it is looked at', async () => {
    watch = new OracleWatch({
      evaluate: () => Promise.reject(new Error('the game is over')),
      ...{ sustained: 0, unclaimed: 120_000, interval: 5000, log, clock },
    });
    const claim = watch.claim('a');
    watch.dismiss();
    expect(await claim).toBe(false);
  });

  it('is right only when the oracle has held for its window', async () => {
    seen = [good];
    const claim = watch.claim('a');
    await watch.look();
    await pass(25_000);
    expect(watch.hasPendingClaim).toBe(true);
    await pass(5_000);
    expect(await claim).toBe(true);
    expect(watch.verdict).toContain('30 s');
  });

  it('is right at once when the oracle has held for longer than its window already', async () => {
    seen = [good];
    await watch.look();
    await pass(60_000);
    expect(await watch.claim('a')).toBe(true);
  });

  it('is wrong when the oracle breaks within the window', async () => {
    seen = [good];
    const claim = watch.claim('a');
    await watch.look();
    await pass(10_000);
    seen = [bad];
    await watch.look();
    expect(await claim).toBe(false);
  });

  it('is neither right nor wrong while there is no data, and the window begins anew', async () => {
    seen = [good];
    const claim = watch.claim('a');
    await watch.look();
    await pass(20_000);
    seen = [gap];
    await pass(20_000);
    seen = [good];
    await pass(30_000);
    expect(watch.hasPendingClaim).toBe(true);
    await pass(5_000);
    expect(await claim).toBe(true);
  });

  it('is not proven when the game ends first', async () => {
    seen = [good];
    const claim = watch.claim('a');
    await watch.look();
    watch.dismiss();
    expect(await claim).toBe(false);
  });
});

describe('the oracle', () => {
  it('ends the game by itself after two minutes without a claim', async () => {
    seen = [good];
    await watch.look();
    await pass(115_000);
    expect(watch.verdict).toBeUndefined();
    await pass(5_000);
    expect(watch.verdict).toContain('without a claim');
  });

  it('does not count time in which nobody looked, as while a laptop sleeps', async () => {
    seen = [good];
    await watch.look();
    clock.advance(3_600_000);
    await watch.look();
    expect(watch.verdict).toBeUndefined();
  });

  it('begins to count anew after each break', async () => {
    seen = [good];
    await pass(100_000);
    seen = [bad];
    await watch.look();
    seen = [good];
    await pass(100_000);
    expect(watch.verdict).toBeUndefined();
  });
});

describe('case S4: a long window', () => {
  beforeEach(() => {
    watch = new OracleWatch({
      evaluate: async () => seen,
      ...{ sustained: 360_000, unclaimed: 120_000, interval: 5000, log, clock },
    });
    seen = [good];
  });

  it('is not cut short by the patience with those who do not claim', async () => {
    await pass(355_000);
    expect(watch.verdict).toBeUndefined();
    await pass(10_000);
    expect(watch.verdict).toBe('the oracle held for 360 s without a claim');
  });

  it('is waited for by a claim, and the game is not won without it', async () => {
    const claim = watch.claim('a');
    await pass(355_000);
    expect(watch.verdict).toBeUndefined();
    await pass(10_000);
    expect(await claim).toBe(true);
    expect(watch.verdict).toBe('claimed, and the oracle held for 360 s');
  });
});

it('takes a claim that is pressed twice for one, and those of two people for two', async () => {
  seen = [gap];
  const claims = [watch.claim('a'), watch.claim('a'), watch.claim('b')];
  await watch.look();
  seen = [bad];
  await watch.look();
  expect(await Promise.all(claims)).toEqual([false, false, false]);
  const told = (type: string) => log.events.filter((event) => event.type === type).length;
  expect([told('claim-made'), told('claimed')]).toEqual([2, 2]);
});
