import { afterEach, describe, expect, it } from 'vitest';
import { repeatedGet } from '../../src/fault/types/load/http-get.ts';
import { type OpenLoopSummary, startOpenLoop } from '../../src/fault/types/load/open-loop.ts';
import { type Program, startProgram, stopAll } from './program.ts';

afterEach(stopAll);

/** One replica at a limit of 500 m with 8 ms of work a quote serves about 62 a second. */
const replica = (env: Record<string, string> = {}) =>
  startProgram('checkout', { WORK: 'simulated', CPU_LIMIT: '500', QUOTE_CPU_MS: '8', ...env });

async function quotes(checkout: Program, perSecond: number, seconds: number): Promise<OpenLoopSummary> {
  const stop = new AbortController();
  const send = repeatedGet(new URL(`${checkout.urls[0]}/quote`), 10_000, stop.signal);
  const { finished } = startOpenLoop({
    perSecond,
    durationSeconds: seconds,
    rampSeconds: 0,
    maxInFlight: 1000,
    send,
    signal: stop.signal,
    graceMs: 10_000,
  });
  const summary = await finished;
  stop.abort();
  return summary;
}

/** Cores that the program says it used, from before the traffic until all was answered. */
async function cores(checkout: Program, perSecond: number, seconds: number): Promise<number> {
  const before = await checkout.metric('process_cpu_seconds_total');
  const started = performance.now();
  await quotes(checkout, perSecond, seconds);
  const used = (await checkout.metric('process_cpu_seconds_total')) - before;
  return used / ((performance.now() - started) / 1000);
}

describe('checkout, timing its work', () => {
  it('answers all of the steady traffic, and sooner than a replica above its capacity does', async () => {
    const [calm, busy] = await Promise.all([replica(), replica()]);
    const [steady, flooded] = await Promise.all([quotes(calm, 15, 2), quotes(busy, 180, 2)]);
    expect(steady.outcomes).toEqual({ 200: 30 });
    expect(steady.latencyMs.p95).toBeLessThan(flooded.latencyMs.p95);
  });

  it('lets requests wait for seconds above its capacity, and refuses when the queue is full', async () => {
    const checkout = await replica();
    const summary = await quotes(checkout, 180, 3);
    expect(summary.latencyMs.p95).toBeGreaterThan(1500);
    expect(summary.outcomes['503']).toBeGreaterThan(50);
    expect(summary.answered).toBe(summary.sent);
    expect(await checkout.metric('checkout_shed_total')).toBe(summary.outcomes['503']);
  });

  it('waits less at twice the CPU limit for the same traffic', async () => {
    const [small, large] = await Promise.all([replica(), replica({ CPU_LIMIT: '1000' })]);
    const [slow, fast] = await Promise.all([quotes(small, 100, 2.5), quotes(large, 100, 2.5)]);
    // Both run at once: whatever else the machine does slows both. How much each waits is for the benchmark.
    expect(slow.latencyMs.p95).toBeGreaterThan(500);
    expect(fast.latencyMs.p50).toBeLessThan(slow.latencyMs.p50);
  });

  it('reports the CPU time that the work would have cost, and never more than its limit', async () => {
    const [half, over] = await Promise.all([replica(), replica()]);
    const [atHalf, atTop] = await Promise.all([cores(half, 30, 2), cores(over, 150, 2)]);
    // 30 quotes a second of 8 ms, and what answering them costs.
    expect(atHalf).toBeGreaterThan(0.15);
    expect(atHalf).toBeLessThan(0.4);
    expect(atTop).toBeGreaterThan(0.4);
    expect(atTop).toBeLessThan(0.55);
  });

  it('counts the periods in which it used up its limit: none in calm, most above its capacity', async () => {
    const [calm, busy] = await Promise.all([replica({ QUOTE_CPU_MS: '2' }), replica()]);
    await Promise.all([quotes(calm, 5, 2), quotes(busy, 180, 2)]);
    const name = 'process_cpu_throttled_periods_total';
    expect(await calm.metric(name)).toBe(0);
    expect(await busy.metric(name)).toBeGreaterThan(15);
  });

  it('is well while it is slow, and says on a page of its own that it is', async () => {
    const checkout = await replica({ QUOTE_CPU_MS: '100' });
    expect((await checkout.admin('/healthz/latency')).status).toBe(200);
    await quotes(checkout, 5, 1);
    expect((await checkout.admin('/healthz')).status).toBe(200);
    expect(await checkout.admin('/healthz/latency')).toEqual({
      status: 503,
      text: 'an answer took over 30 ms',
    });
  });

  it('keeps its memory flat', async () => {
    const checkout = await replica({ CPU_LIMIT: '4000' });
    await quotes(checkout, 300, 1.5);
    const warm = await checkout.metric('process_resident_memory_bytes');
    await quotes(checkout, 300, 1.5);
    expect((await checkout.metric('process_resident_memory_bytes')) - warm).toBeLessThan(20e6);
  });
});

describe('checkout, burning its work', () => {
  it('spends the CPU time for real, one request after the other', async () => {
    const checkout = await startProgram('checkout', { WORK: 'burn', CPU_LIMIT: '1000', QUOTE_CPU_MS: '10' });
    const before = await checkout.metric('process_cpu_seconds_total');
    const summary = await quotes(checkout, 20, 2);
    expect(summary.outcomes).toEqual({ 200: 40 });
    // The kernel counts the periods of a real quota.
    expect((await checkout.admin('/metrics')).text).not.toContain('throttled_periods');
    // 40 requests of 10 ms on average, and what the requests themselves cost.
    expect((await checkout.metric('process_cpu_seconds_total')) - before).toBeGreaterThan(0.25);
  });
});
