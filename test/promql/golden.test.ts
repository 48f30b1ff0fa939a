import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PromqlError } from '../../src/promql/error.ts';
import { Query } from '../../src/promql/query.ts';
import { formatInstant } from '../../src/sandbox/monitor/http/format.ts';
import { type Answer, answerOf, difference } from './answer.ts';
import { corpusStorage, EXPRESSIONS, TIMES, WRONG } from './corpus.ts';
import { DIFFERENCES } from './differences.ts';

/** Written by test/slow/monitor/promql.test.ts with what a real Prometheus answered. */
const golden = JSON.parse(
  readFileSync(new URL('./fixtures/golden.json', import.meta.url), 'utf8'),
  (_, value: unknown) => (['NaN', 'Infinity', '-Infinity'].includes(value as string) ? Number(value) : value),
) as Record<string, Answer>;
const storage = corpusStorage();

function ask(query: string, time: number): Answer {
  try {
    const data = JSON.parse([...formatInstant(new Query(query).instant(storage, time), time)].join(''));
    return answerOf(JSON.parse(JSON.stringify({ status: 'success', data })));
  } catch (error) {
    if (error instanceof PromqlError) return { error: error.type };
    throw error;
  }
}

describe('PromQL gives what the real Prometheus gave', () => {
  test.each([...EXPRESSIONS, ...WRONG])('%s', (query) => {
    expect(golden).toHaveProperty([query]);
    expect(difference(golden[query]!, ask(query, TIMES[1]!))).toBeUndefined();
  });

  test('every comparison could fail: a changed value, label or type is noticed', () => {
    const answer = golden['sum by (app) (http_requests_total)']!;
    const other = golden['avg by (code) (http_requests_total)']!;
    expect(difference(answer, other)).toBeDefined();
    expect(difference(answer, golden['1']!)).toBeDefined();
    expect(difference(golden['sum(']!, answer)).toBeDefined();
  });
});

describe('where Prometheus 3 differs from 2, it is 3 that is followed', () => {
  test.each(DIFFERENCES)('$why: $query', ({ query, time, expected, old }) => {
    expect(difference(expected, ask(query, time))).toBeUndefined();
    if (old) expect(difference(expected, old)).toBeDefined();
  });
});
