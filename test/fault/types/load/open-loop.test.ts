import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueMs, startOpenLoop } from '../../../../src/fault/types/load/open-loop.ts';

describe('the schedule of an open loop', () => {
  it('sends request n at n divided by the rate', () => {
    expect(
      [0, 1, 2, 50].map((index) => dueMs({ perSecond: 10, durationSeconds: 9, rampSeconds: 0 }, index)),
    ).toEqual([0, 100, 200, 5000]);
  });

  it('never goes back in time, and sends half as many during a ramp', () => {
    const schedules = fc.record({
      perSecond: fc.integer({ min: 1, max: 5000 }),
      rampSeconds: fc.integer({ min: 0, max: 60 }),
      durationSeconds: fc.constant(100),
    });
    fc.assert(
      fc.property(schedules, fc.nat(10_000), (schedule, index) => {
        expect(dueMs(schedule, index + 1)).toBeGreaterThan(dueMs(schedule, index));
        const inRamp = (schedule.perSecond * schedule.rampSeconds) / 2;
        expect(dueMs(schedule, Math.ceil(inRamp))).toBeGreaterThanOrEqual(schedule.rampSeconds * 1000 - 1e-6);
      }),
    );
  });
});

describe('an open loop', () => {
  const settings = { perSecond: 200, durationSeconds: 0.5, rampSeconds: 0, graceMs: 2000 };

  it('sends on schedule while no answer comes, up to the cap, and counts what it did not send', async () => {
    const stop = new AbortController();
    const never = () => new Promise<number>(() => undefined);
    const run = startOpenLoop({
      ...settings,
      graceMs: 10,
      maxInFlight: 30,
      send: never,
      signal: stop.signal,
    });
    expect(await run.finished).toMatchObject({ due: 100, sent: 30, unsent: 70, answered: 0, pending: 30 });
  });

  it('measures latency from the time a request was due, not from the time it was sent', async () => {
    const stop = new AbortController();
    let blocked = false;
    const send = async () => {
      // A pause of the sender itself: what was due in it was late, and its latency must show that.
      if (!blocked) for (const end = performance.now() + 200; performance.now() < end; ) blocked = true;
      return 200;
    };
    const run = startOpenLoop({ ...settings, maxInFlight: 1000, send, signal: stop.signal });
    const { latencyMs, lateMs, sent } = await run.finished;
    expect(sent).toBe(100);
    expect(latencyMs.max).toBeGreaterThan(150);
    expect(lateMs.max).toBeGreaterThan(150);
  });

  it('counts answers by status and failures by code', async () => {
    const stop = new AbortController();
    let count = 0;
    const send = async () => {
      count += 1;
      if (count % 2) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      return 503;
    };
    const run = startOpenLoop({ ...settings, maxInFlight: 10, send, signal: stop.signal });
    expect((await run.finished).outcomes).toEqual({ ECONNREFUSED: 50, 503: 50 });
  });

  it('ends at once when told to', async () => {
    const stop = new AbortController();
    const send = async () => {
      stop.abort();
      return 200;
    };
    const run = startOpenLoop({
      ...settings,
      durationSeconds: 600,
      maxInFlight: 10,
      send,
      signal: stop.signal,
    });
    expect((await run.finished).seconds).toBeLessThan(5);
  });
});
