import { afterEach, describe, expect, it } from 'vitest';
import { repeatedGet } from '../../src/fault/types/load/http-get.ts';
import { startOpenLoop } from '../../src/fault/types/load/open-loop.ts';
import { startProgram, stopAll, until } from './program.ts';

afterEach(stopAll);

describe('a replica that is told to end', () => {
  it('says that it is not ready, and loses no request of clients that follow its readiness', async () => {
    const settings = { WORK: 'simulated', QUOTE_CPU_MS: '20', CPU_LIMIT: '2000', DRAIN_SECONDS: '0.5' };
    const [leaving, staying] = await Promise.all([
      startProgram('checkout', settings),
      startProgram('checkout', settings),
    ]);
    const stop = new AbortController();
    const toLeaving = repeatedGet(new URL(`${leaving.urls[0]}/quote`), 5000, stop.signal);
    const toStaying = repeatedGet(new URL(`${staying.urls[0]}/quote`), 5000, stop.signal);
    let ready = true;
    const { finished, summary } = startOpenLoop({
      perSecond: 60,
      durationSeconds: 2.5,
      rampSeconds: 0,
      maxInFlight: 500,
      send: () => (ready ? toLeaving() : toStaying()),
      signal: stop.signal,
      graceMs: 5000,
    });
    await until(() => summary().answered > 20, 'traffic');
    const ended = leaving.stop();
    await until(async () => (await leaving.admin('/readyz')).status === 503, 'not ready');
    ready = false;
    expect(await ended).toBe(0);
    const { outcomes } = await finished;
    stop.abort();
    expect(outcomes).toEqual({ 200: 150 });
  });
});
