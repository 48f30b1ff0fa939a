import { describe, expect, it } from 'vitest';
import { emptyBaseline } from '../../src/check/baseline.ts';
import { evaluate } from '../../src/check/evaluate.ts';
import { type Check, checkSchema } from '../../src/check/grammar.ts';
import type { CheckContext } from '../../src/check/kind.ts';
import { connectPrometheus } from '../../src/signal/prometheus.ts';
import { answering } from '../signal/http-server.ts';

const now = 1_700_000_000;

/** A Prometheus over HTTP as far as a check asks it: answers by query, `rules` as they are listed. */
interface Stub {
  answers?: Record<string, { labels?: Record<string, string>; value: number }[]>;
  rules?: { name: string; type: 'alerting' | 'recording'; evaluatedAgo: number; health?: string }[];
}

const till = { job: 'till', instance: 'a:80' };
const looks: Stub['answers'] = {
  'time()': [{ value: now }],
  'time() - timestamp(up)': [{ labels: till, value: 4 }],
  'count_over_time(up[5m])': [{ labels: till, value: 60 }],
  'up == 1': [{ labels: till, value: 1 }],
};

async function evaluateWith(written: unknown, { answers = {}, rules = [] }: Stub) {
  const success = (data: object) => ({ body: { status: 'success', data } });
  const server = await answering(({ path, parameters }) => {
    if (path === '/api/v1/rules') {
      const listed = rules.map(({ name, type, evaluatedAgo, health = 'ok' }) => ({
        ...{ name, type, query: 'up == 0', health },
        lastEvaluation: new Date((now - evaluatedAgo) * 1000).toISOString(),
      }));
      return success({ groups: [{ name: 'g', file: 'f', interval: 5, rules: listed }] });
    }
    const result = (answers[parameters.get('query') ?? ''] ?? []).map(({ labels = {}, value }) => ({
      metric: labels,
      value: [now, String(value)],
    }));
    return success({ resultType: 'vector', result });
  });
  try {
    const prometheus = connectPrometheus({ url: server.url });
    const context = { prometheus, baseline: emptyBaseline } as CheckContext;
    return await evaluate(checkSchema.parse(written) as Check, context);
  } finally {
    await server.close();
  }
}

const firing = 'ALERTS{alertname="TillDown",alertstate="firing"}';
const noAlert = { promql: { query: firing, absent: true } };
const rule = { name: 'TillDown', type: 'alerting' as const, evaluatedAgo: 3 };

describe('case F8: that there is no series holds only while Prometheus looks', () => {
  it('holds where the targets are scraped and the rule was evaluated just now', async () => {
    const found = await evaluateWith(noAlert, { answers: looks, rules: [rule] });
    expect(found).toMatchObject({ holds: true, seen: `no series for ${firing}, as expected` });
  });

  it.each<[string, Stub, string]>([
    ['every answer is empty', {}, 'Prometheus does not even answer time()'],
    ['it was restarted and has no series', { answers: { 'time()': [{ value: now }] } }, 'scrapes nothing'],
    [
      'the last scrape is long ago',
      { answers: { ...looks, 'time() - timestamp(up)': [{ value: 90 }] }, rules: [rule] },
      'the last scrape was 90 s ago',
    ],
    ['no rule has this name', { answers: looks }, 'there is no alert TillDown'],
    [
      'the rule was last evaluated a minute ago',
      { answers: looks, rules: [{ ...rule, evaluatedAgo: 60 }] },
      'alert TillDown was last evaluated 60 s ago',
    ],
    [
      'the rule was never evaluated',
      { answers: looks, rules: [{ ...rule, evaluatedAgo: now + 62_135_596_800 }] },
      'alert TillDown was not evaluated yet',
    ],
    [
      'the rule fails',
      { answers: looks, rules: [{ ...rule, health: 'err' }] },
      'alert TillDown cannot be evaluated',
    ],
  ])('is a gap where %s', async (_, stub, reason) => {
    const found = await evaluateWith(noAlert, stub);
    expect(found).toMatchObject({ holds: false, gap: true });
    expect(found.seen).toContain(reason);
    // What is not known is not known the other way round either.
    expect(await evaluateWith({ not: noAlert }, stub)).toMatchObject({ holds: false, gap: true });
  });

  it('takes a rule for evaluated that missed its last turns, up to four', async () => {
    const late = { ...rule, evaluatedAgo: 29 };
    expect(await evaluateWith(noAlert, { answers: looks, rules: [late] })).toMatchObject({ holds: true });
  });

  it('patiently waits for targets that are scraped once a minute', async () => {
    const slow = {
      ...looks,
      'time() - timestamp(up)': [{ labels: till, value: 110 }],
      'count_over_time(up[5m])': [{ labels: till, value: 5 }],
    };
    expect(await evaluateWith(noAlert, { answers: slow, rules: [rule] })).toMatchObject({ holds: true });
  });

  const slow = { promql: { query: 'till_wait_seconds > 1', absent: true } };
  const gave = {
    'group by (job, instance) (last_over_time(till_wait_seconds[1h]))': [{ labels: till, value: 1 }],
  };

  it('is a gap where no target that gave the metric is up', async () => {
    expect(await evaluateWith(slow, { answers: { ...looks, ...gave } })).toMatchObject({ holds: true });
    const down = { ...looks, ...gave, 'up == 1': [{ labels: { ...till, instance: 'b:80' }, value: 1 }] };
    expect(await evaluateWith(slow, { answers: down })).toMatchObject({
      gap: true,
      seen: 'no data for till_wait_seconds > 1: no target that gives till_wait_seconds is up',
    });
  });

  it('is a gap where a recorded metric is not recorded any more', async () => {
    const check = { promql: { query: 'till:wait > 1', absent: true } };
    const recorded = { name: 'till:wait', type: 'recording' as const, evaluatedAgo: 3 };
    expect(await evaluateWith(check, { answers: looks, rules: [recorded] })).toMatchObject({ holds: true });
    const late = { ...recorded, evaluatedAgo: 200 };
    expect(await evaluateWith(check, { answers: looks, rules: [late] })).toMatchObject({ gap: true });
  });

  it('asks the same of a query that makes a number of nothing', async () => {
    const query = `sum(${firing}) or vector(0)`;
    const check = { promql: { query, below: 1 } };
    const answers = { ...looks, [query]: [{ value: 0 }] };
    expect(await evaluateWith(check, { answers, rules: [rule] })).toMatchObject({ holds: true });
    const empty = { [query]: [{ value: 0 }], 'time()': [{ value: now }] };
    expect(await evaluateWith(check, { answers: empty, rules: [rule] })).toMatchObject({ gap: true });
  });

  it('does not hold where there is a series, whoever looks', async () => {
    const answers = { [firing]: [{ value: 1 }] };
    const found = await evaluateWith(noAlert, { answers });
    expect(found).toMatchObject({ holds: false, seen: `1 series for ${firing}, expected none` });
    expect(found.gap).toBeUndefined();
  });
});
