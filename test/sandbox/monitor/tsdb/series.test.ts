import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabelSet } from '../../../../src/promql/series/labels.ts';
import type { Samples } from '../../../../src/promql/series/source.ts';
import {
  blockLength,
  packBlock,
  TimeAxes,
  unpackValues,
} from '../../../../src/sandbox/monitor/tsdb/chunk.ts';
import { StoredSeries } from '../../../../src/sandbox/monitor/tsdb/series.ts';

const labels = LabelSet.from({ __name__: 'm' });
const number = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 1, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE),
  fc.integer(),
);
/** Mostly what is scraped: the same again, or a little more. */
const change = fc.oneof(
  { weight: 4, arbitrary: fc.constant('same' as const) },
  { weight: 4, arbitrary: fc.nat(1000) },
  { weight: 1, arbitrary: fc.constant('ends' as const) },
  { weight: 1, arbitrary: number.map((value) => ({ value })) },
);
const scrape = fc.record({ after: fc.oneof(fc.constant(5000), fc.integer({ min: 1, max: 90_000 })), change });

interface Plain {
  time: number;
  value: number;
  stale: boolean;
}

const plain = ({ times, values, from, to, stale }: Samples): Plain[] =>
  Array.from({ length: to - from }, (_, index) => ({
    time: times[from + index]!,
    value: values[from + index]!,
    stale: (stale?.[from + index] ?? 0) === 1,
  }));

describe('a series in memory', () => {
  it('gives what was put in, in any window, whether packed or not, and nothing that was forgotten', () => {
    fc.assert(
      fc.property(
        fc.array(scrape, { minLength: 1, maxLength: 900, size: 'max' }),
        fc.array(
          fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        ),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (scrapes, windows, forgotten) => {
          const series = new StoredSeries(labels, new TimeAxes());
          let all: Plain[] = [];
          let [time, value] = [0, 0];
          for (const { after, change } of scrapes) {
            time += after;
            const ended = all.at(-1)?.stale === true;
            if (change === 'ends') {
              expect(series.markStale(time)).toBe(!ended);
              if (!ended) all.push({ time, value: Number.NaN, stale: true });
              continue;
            }
            value = change === 'same' ? value : typeof change === 'number' ? value + change : change.value;
            expect(series.append(time, value)).toBe(true);
            all.push({ time, value, stale: false });
          }
          const begin = Math.round(time * forgotten);
          if (forgotten > 0.1) {
            series.forgetBefore(begin);
            all = all.filter((one) => one.time >= begin);
          }
          expect(series.isEmpty).toBe(all.length === 0);
          expect(series.firstTime).toBe(all[0]?.time ?? Infinity);
          for (const [one, other] of [...windows, [0, 1]] as [number, number][]) {
            const [start, end] = [Math.round(time * one) - 1, Math.round(time * other)];
            const wanted = all.filter((sample) => sample.time > start && sample.time <= end);
            const samples = series.samples(start, end);
            expect(samples ? plain(samples) : []).toEqual(wanted);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('leaves a window that was handed out as it was', () => {
    const series = new StoredSeries(labels);
    for (let time = 1; time <= 128; time++) series.append(time, time);
    const before = series.samples(0, 128)!;
    const kept = plain(before);
    for (let time = 129; time <= 1000; time++) series.append(time, -time);
    series.forgetBefore(900);
    expect(plain(before)).toEqual(kept);
  });
});

describe('packed values', () => {
  it('are the same bits when they are unpacked', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 5 * blockLength, size: 'max' }), (all) => {
        const blocks: number[] = [];
        for (let at = 0; at < all.length; at += blockLength)
          blocks.push(...packBlock(Float64Array.from(all.slice(at, at + blockLength)), all[at - 1] ?? 0));
        expect([...unpackValues(Uint8Array.from(blocks), all.length)]).toEqual(all);
      }),
    );
  });

  it('take as few bytes as the steps between them need, and one for all where nothing changes', () => {
    const bytes = (by: number, from = 1000) =>
      packBlock(
        Float64Array.from({ length: blockLength }, (_, index) => from + index * by),
        from - by,
      ).length - 1;
    const eachTakes = [0, 1, 100, 2 ** 20, 2 ** 40, 0.5].map((by) => bytes(by) / blockLength);
    expect(eachTakes).toEqual([0, 1, 2, 4, 6, 8]);
    expect(bytes(-1, 10)).toBe(blockLength);
  });
});

it('times of series that were scraped together are kept once', () => {
  const axes = new TimeAxes();
  const times = () => Float64Array.from([1, 2, 4]);
  const first = axes.share(times());
  expect(axes.share(times())).toBe(first);
  expect(axes.share(Float64Array.from([1, 3, 4]))).not.toBe(first);
});
