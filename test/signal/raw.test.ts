import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { LabelSet } from '../../src/promql/series/labels.ts';
import type { FixedSeries } from '../../src/promql/series/source.ts';
import { packRaw, type RawRecording, rawFile, readRaw } from '../../src/signal/raw/recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'samples-'));
afterAll(() => rmSync(folder, { recursive: true }));

const head = {
  start: 1_767_225_600,
  end: 1_767_229_200,
  namespaces: ['shop', 'batch'],
  asked: ['up{job="node"}'],
  skipped: [{ what: 'node_cpu', why: 'over the budget of 6 samples' }],
};

function kept(series: FixedSeries[]): RawRecording {
  writeFileSync(rawFile(folder), packRaw({ ...head, series }));
  return readRaw(folder);
}

const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: 0, max: 2 ** 50 }),
  fc.integer({ min: -1e6, max: 1e6 }).map((whole) => whole / 1000),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 0.1 + 0.2, Math.PI * 1e6, 1e300, 5e-324, 2 ** 60),
);

/** Times of a target at which a series has samples, some of them marks that it has ended. */
const oneSeries = fc
  .record({
    labels: fc.dictionary(
      fc.constantFrom('job', 'instance', 'pod', 'le'),
      fc.constantFrom('a', 'b', 'é\n"'),
      {
        maxKeys: 4,
      },
    ),
    at: fc.uniqueArray(fc.nat(60), { maxLength: 40 }),
    values: fc.array(value, { minLength: 61, maxLength: 61 }),
    repeats: fc.boolean(),
    marks: fc.array(fc.nat(9), { minLength: 61, maxLength: 61 }),
    jitter: fc.nat(3),
  })
  .map(({ labels, at, values, repeats, marks, jitter }) => {
    const on = [...at].sort((a, b) => a - b);
    const stale = Uint8Array.from(on, (index) => (marks[index] === 0 ? 1 : 0));
    return {
      labels: LabelSet.from({ __name__: 'm', ...labels }),
      times: Float64Array.from(on, (index) => head.start * 1000 + index * 5000 + (index % (jitter + 1))),
      values: Float64Array.from(on, (index, place) =>
        stale[place] === 1 ? Number.NaN : values[repeats ? index % 3 : index]!,
      ),
      ...(stale.includes(1) && { stale }),
    };
  });

describe('the file of the samples of a game', () => {
  it('gives back times, marks of ends and everything that was told of it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(oneSeries, { maxLength: 8, selector: ({ labels }) => labels.key }),
        (series) => {
          const { series: found, ...rest } = kept(series);
          expect(rest).toEqual(head);
          const sorted = [...series].sort((a, b) => (a.labels.key < b.labels.key ? -1 : 1));
          const plain = ({ labels, times, stale }: FixedSeries) => [
            labels.toJSON(),
            [...times],
            [...(stale ?? [])],
          ];
          expect(found.map(plain)).toEqual(sorted.map(plain));
          for (const [index, one] of sorted.entries()) {
            const largest = Math.max(...[...one.values].filter(Number.isFinite).map(Math.abs), 0);
            for (const [at, was] of one.values.entries()) {
              const is = found[index]!.values[at]!;
              if (Number.isFinite(was)) expect(Math.abs(is - was)).toBeLessThanOrEqual(largest * 5e-9);
              else expect(is).toBe(was);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gives whole numbers and short decimals back exactly', () => {
    const values = [0, 0, 3, 1_767_225_600.123, 0.25, 123_456_789_012, 0.001, -7.5];
    const times = Float64Array.from(values, (_, index) => index * 1000);
    const [found] = kept([
      { labels: LabelSet.from({ __name__: 'm' }), times, values: Float64Array.from(values) },
    ]).series;
    expect([...found!.values]).toEqual(values);
  });

  it('takes few bytes for what repeats and what grows evenly', () => {
    const times = Float64Array.from({ length: 1000 }, (_, index) => 1_767_225_600_000 + index * 5000);
    const series = Array.from({ length: 100 }, (_, index) => ({
      labels: LabelSet.from({ __name__: 'requests_total', job: 'a', instance: 'b', code: String(index) }),
      times,
      values: times.map((_, at) => (index % 2) * Math.floor(at / 3) * index),
    }));
    expect(packRaw({ ...head, series }).length).toBeLessThan(100_000 / 20);
  });

  it('says what is missing, damaged or newer', () => {
    const elsewhere = join(folder, 'nothing');
    expect(() => readRaw(elsewhere)).toThrow(
      /Expected the samples of the game in .*samples.gz, found no such file/,
    );
    writeFileSync(rawFile(folder), 'junk');
    expect(() => readRaw(folder)).toThrow(/Expected samples of version 1; it is damaged/);
    const whole = packRaw({ ...head, series: [] });
    writeFileSync(rawFile(folder), whole.subarray(0, whole.length - 20));
    expect(() => readRaw(folder)).toThrow(/damaged/);
    const newer = gunzipSync(whole).toString('latin1').replace('"version":1', '"version":2');
    writeFileSync(rawFile(folder), gzipSync(Buffer.from(newer, 'latin1')));
    expect(() => readRaw(folder)).toThrow(/it is of version 2, of a newer misfortune/);
  });
});
