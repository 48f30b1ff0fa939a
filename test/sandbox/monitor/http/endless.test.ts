import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabelSet } from '../../../../src/promql/series/labels.ts';
import { prometheusError, prometheusRoutes } from '../../../../src/sandbox/monitor/http/prometheus.ts';
import { serve } from '../../../../src/sandbox/monitor/http/server.ts';
import { Storage } from '../../../../src/sandbox/monitor/tsdb/storage.ts';

const NOW = 1_767_225_600_000;

/** Two hours of `up` of fifty targets, every 15 s. */
function storage(): Storage {
  const filled = new Storage();
  for (let pod = 0; pod < 50; pod++) {
    const labels = LabelSet.from({ __name__: 'up', job: 'checkout', pod: `checkout-${pod}` });
    for (let at = NOW - 7_200_000; at <= NOW; at += 15_000) filled.append(labels, at, 1);
  }
  return filled;
}

describe('case Q11: a query that does not end', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    const clock = { now: () => NOW, setTimeout: () => () => {}, setInterval: () => () => {} };
    const parts = { storage: storage(), clock, limits: {}, groups: [], targets: () => [] };
    const more = { alertmanagerUrl: () => '', scrapeIntervalMs: 15_000, startedAt: NOW };
    server = await serve(prometheusRoutes({ ...parts, ...more }), prometheusError);
  });
  afterAll(() => server.close());

  const ask = async (path: string) => {
    const answer = await fetch(`${server.url}${path}`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const query = (text: string, more = '') => ask(`/api/v1/query?query=${encodeURIComponent(text)}${more}`);

  it.each([
    ['up[5m:1m]', '&time=1e99', { resultType: 'matrix', result: [] }],
    ['up{job=~"([a-z0-9-]+)+!"}', '', { resultType: 'vector', result: [] }],
    ['count(up{job=~"(?i:CHECKOUT)"})', '', { result: [{ value: [NOW / 1000, '50'] }] }],
    ['count(max_over_time(up[1y:1s]))', '', { result: [{ value: [NOW / 1000, '50'] }] }],
    ['count(max_over_time(up[292y:15s] offset 1y))', '', { result: [] }],
    ['count(max_over_time(up[100y:1m] @ 0))', '', { result: [] }],
    ['sum(sum_over_time((up or up offset 1h)[1y:30s]))', '', { result: [{ value: [NOW / 1000, '12050'] }] }],
  ])('that is a question after all is answered at once: %s', async (text, more, expected) => {
    const began = performance.now();
    expect(await query(text, more)).toMatchObject({
      status: 200,
      body: { status: 'success', data: expected },
    });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it.each([
    [
      'sum_over_time((sum_over_time(vector(1)[1d:1s]))[1d:1s])',
      503,
      'query timed out in expression evaluation',
    ],
    ['sum_over_time((sum_over_time(up[1h:1s]))[1h:1s])', 503, 'query timed out in expression evaluation'],
    ['count_over_time(vector(1)[30y:1s])', 422, 'query processing would load too many samples'],
  ])('ends by its own limits, and others are answered meanwhile: %s', async (text, status, message) => {
    let isOver = false;
    const several = Promise.all(Array.from({ length: 4 }, () => query(text, '&timeout=700ms'))).finally(
      () => {
        isOver = true;
      },
    );
    let slowest = 0;
    while (!isOver) {
      const began = performance.now();
      await fetch(`${server.url}/-/ready`);
      slowest = Math.max(slowest, performance.now() - began);
    }
    for (const { status: got, body } of await several) {
      expect(got).toBe(status);
      expect(body.error).toContain(message);
    }
    expect(slowest).toBeLessThan(2000);
  });

  it.each([
    ['label/%ff/values', 'invalid label name: "\\xff"'],
    [
      'query_range?query=up&start=0&end=11001&step=1',
      'exceeded maximum resolution of 11,000 points per timeseries',
    ],
    [
      'query_range?query=up&start=-Inf&end=0&step=1',
      'exceeded maximum resolution of 11,000 points per timeseries',
    ],
    [
      'query_range?query=up&start=0&end=1&step=NaN',
      'zero or negative query resolution step widths are not accepted',
    ],
    ['query?query=up[300y]', '1:4: parse error: duration out of range'],
    [`query?query=${'('.repeat(2000)}up${')'.repeat(2000)}`, 'parse error: nested more than 1000 levels'],
  ])('that is malformed is a 400: %.60s', async (path, message) => {
    const { status, body } = await ask(`/api/v1/${path}`);
    expect(status).toBe(400);
    expect(body.error).toContain(message);
  });

  it('is given up when nobody waits for the answer any more', async () => {
    const gone = new AbortController();
    const text = encodeURIComponent('sum_over_time((sum_over_time(vector(1)[1d:1s]))[1d:1s])');
    const answers = Array.from({ length: 8 }, () =>
      fetch(`${server.url}/api/v1/query?query=${text}`, { signal: gone.signal }).catch(() => 'gone'),
    );
    setTimeout(() => gone.abort(), 100);
    expect(await Promise.all(answers)).toEqual(Array(8).fill('gone'));
    // All eight places of the queue are free again.
    const began = performance.now();
    await query('up');
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
