import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { packSeries, type RecordedSeries, readSeries } from '../../src/signal/recorded-series.ts';

const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'series.json.gz');
const range = { start: 0, end: 10, step: 5, skipped: [] };

it('keeps what became of each query, and values that JSON has no word for', () => {
  const recorded: RecordedSeries = {
    version: 2,
    ...range,
    queries: [
      {
        kind: 'stack',
        name: 'up',
        query: 'up',
        outcome: 'recorded',
        series: [
          {
            labels: {},
            points: [
              [0, Number.NaN],
              [5, Number.NEGATIVE_INFINITY],
            ],
          },
        ],
      },
      { kind: 'stack', name: 'x', query: 'x', outcome: 'no answer', why: 'it was asked twice', series: [] },
    ],
  };
  writeFileSync(file, packSeries(recorded));
  expect(readSeries(file)).toEqual(recorded);
});

it('reads in a recording of before what its errors meant', () => {
  const one = (error?: string) => ({ kind: 'panel', name: 'p', query: 'q', series: [], error });
  const queries = [
    one(),
    one('unresolved $cluster'),
    one('Prometheus says: parse error (query: q)'),
    one('http://x gave no answer within 10 s.'),
  ];
  writeFileSync(file, gzipSync(JSON.stringify({ version: 1, ...range, queries })));
  expect(readSeries(file).queries.map(({ outcome, why }) => [outcome, why])).toEqual([
    ['recorded', undefined],
    ['not asked', 'unresolved $cluster'],
    ['refused', 'Prometheus says: parse error (query: q)'],
    ['no answer', 'http://x gave no answer within 10 s'],
  ]);
});
