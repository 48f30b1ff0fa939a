import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prometheusError, prometheusRoutes } from '../../../src/sandbox/monitor/http/prometheus.ts';
import { serve } from '../../../src/sandbox/monitor/http/server.ts';
import { type Answer, answerOf, difference } from '../../promql/answer.ts';
import { BASE, corpusSamples, corpusStorage, EXPRESSIONS, TIMES, WRONG } from '../../promql/corpus.ts';
import { DIFFERENCES } from '../../promql/differences.ts';
import { skipsWithout } from './installed.ts';
import { installedVersion, startRealPrometheus } from './real-prometheus.ts';

const GOLDEN = new URL('../../promql/fixtures/golden.json', import.meta.url);
const skip = skipsWithout('prometheus', 'prometheus');
const version = skip ? '' : installedVersion();

describe.skipIf(skip)('PromQL answers as the real Prometheus does', () => {
  let real: Awaited<ReturnType<typeof startRealPrometheus>>;
  let ours: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    real = await startRealPrometheus(corpusSamples());
    const parts = {
      storage: corpusStorage(),
      clock: { now: () => BASE, setTimeout: () => () => {}, setInterval: () => () => {} },
      limits: {},
      groups: [],
      targets: () => [],
      alertmanagerUrl: () => '',
      scrapeIntervalMs: 15_000,
      startedAt: BASE,
    };
    ours = await serve(prometheusRoutes(parts), prometheusError);
  });

  afterAll(async () => {
    await ours?.close();
    await real?.stop();
  });

  const ask = async (url: string, path: string, params: Record<string, string>): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(params) });
    return answerOf((await answer.json()) as Parameters<typeof answerOf>[0]);
  };

  test.each(EXPRESSIONS)('%s', async (query) => {
    for (const time of TIMES) {
      const params = { query, time: String(time / 1000) };
      const expected = await ask(real.url, '/api/v1/query', params);
      const got = await ask(ours.url, '/api/v1/query', params);
      expect(difference(expected, got), `at ${time}`).toBeUndefined();
      if (isSorting(query) && !('error' in expected) && !('error' in got)) {
        expect(got.order).toEqual(expected.order);
      }
    }
  });

  test.each(EXPRESSIONS.filter((query) => query !== '"text"'))('over a range: %s', async (query) => {
    const params = {
      query,
      // Twelve minutes in: until then differs where a counter began (see DIFFERENCES).
      start: String(BASE / 1000 + 12 * 60 + 7.771),
      end: String(BASE / 1000 + 50 * 60),
      step: '131',
    };
    const expected = await ask(real.url, '/api/v1/query_range', params);
    const got = await ask(ours.url, '/api/v1/query_range', params);
    expect(difference(expected, got)).toBeUndefined();
  });

  // The real one breaks long expressions into lines, and writes large numbers with an exponent.
  test.each(EXPRESSIONS.filter((query) => query.length < 100 && !/\d{9}/.test(query)))(
    'prints: %s',
    async (query) => {
      const format = async (url: string) => {
        const answer = await fetch(`${url}/api/v1/format_query`, {
          method: 'POST',
          body: new URLSearchParams({ query }),
        });
        return ((await answer.json()) as { data: string }).data;
      };
      expect(await format(ours.url)).toBe(await format(real.url));
    },
  );

  test.each(WRONG)('refuses: %s', async (query) => {
    const params = { query, time: String(TIMES[0]! / 1000) };
    const expected = await ask(real.url, '/api/v1/query', params);
    const got = await ask(ours.url, '/api/v1/query', params);
    expect(expected).toHaveProperty('error');
    expect(got).toEqual(expected);
  });

  test.each(DIFFERENCES.filter(({ old }) => old !== undefined))(
    'differs from 2.x: $why: $query',
    async (one) => {
      const params = { query: one.query, time: String(one.time / 1000) };
      if (version.includes('version 2.')) {
        expect(difference(one.old!, await ask(real.url, '/api/v1/query', params))).toBeUndefined();
      } else {
        expect(difference(one.expected, await ask(real.url, '/api/v1/query', params))).toBeUndefined();
      }
    },
  );

  test('the golden answers of the quick suite are still what the real one says', async () => {
    const golden: Record<string, Answer> = {};
    for (const query of [...EXPRESSIONS, ...WRONG]) {
      golden[query] = settled(
        query,
        await ask(real.url, '/api/v1/query', { query, time: String(TIMES[1]! / 1000) }),
      );
    }
    const text = JSON.stringify(
      golden,
      (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
      1,
    );
    if (process.env.MISFORTUNE_UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, `${text}\n`);
    expect(readFileSync(GOLDEN, 'utf8')).toBe(`${text}\n`);
  });
});

const isSorting = (query: string) => /^(sort|topk|bottomk)/.test(query);

/** Only functions that sort give a certain order. */
function settled(query: string, answer: Answer): Answer {
  if ('error' in answer || isSorting(query)) return answer;
  const series = Object.fromEntries(Object.entries(answer.series).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...answer, series, order: Object.keys(series) };
}
