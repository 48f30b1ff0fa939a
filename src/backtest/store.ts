import type { RangeSeries } from '../promql/query.ts';
import type { LabelSet } from '../promql/series/labels.ts';
import type { Matcher } from '../promql/series/matcher.ts';
import {
  type FixedSeries,
  firstAfter,
  type Samples,
  type Series,
  type SeriesSource,
} from '../promql/series/source.ts';
import type { Sample } from '../promql/value.ts';
import type { RuleWriter } from '../rules/group.ts';

/**
 * What a game recorded, and what rules make of it anew. A series that a rule writes hides the recorded series of its
 * metric, whether the rule gives any or not.
 */
export class BacktestStore implements SeriesSource {
  readonly #recorded = new Map<string, Series[]>();
  readonly #computed = new Map<string, Map<string, GrowingSeries>>();
  #generation = 0;

  constructor(recorded: readonly FixedSeries[]) {
    for (const one of recorded) {
      const name = one.labels.get('__name__');
      const known = this.#recorded.get(name) ?? [];
      if (known.length === 0) this.#recorded.set(name, known);
      known.push(new StoredSeries(one));
    }
    for (const all of this.#recorded.values()) all.sort(byLabels);
  }

  get generation(): number {
    return this.#generation;
  }

  select(matchers: readonly Matcher[]): readonly Series[] {
    return this.#named(matchers).filter(({ labels }) =>
      matchers.every(({ name, matches }) => matches(labels.get(name))),
    );
  }

  /** For the rule of this index, which writes these metrics. */
  writer(rule: number, metrics: readonly string[]): SampleWriter {
    for (const metric of metrics) this.#metric(metric);
    return new SampleWriter((labels) => this.#series(labels, rule));
  }

  /** The same, where what some rules wrote is seen a millisecond after its time: all of that is there already. */
  seenLate(isLate: (rule: number) => boolean): SeriesSource {
    const generation = () => this.#generation;
    return {
      get generation() {
        return generation();
      },
      select: (matchers) =>
        this.select(matchers).map((one) =>
          one instanceof GrowingSeries && isLate(one.rule) ? one.later() : one,
        ),
    };
  }

  #named(matchers: readonly Matcher[]): readonly Series[] {
    const exact = matchers.find(({ name, op }) => name === '__name__' && op === '=');
    if (exact) return this.#all(exact.value);
    const names = new Set([...this.#recorded.keys(), ...this.#computed.keys()]);
    return [...names].flatMap((name) => this.#all(name)).sort(byLabels);
  }

  #all(name: string): readonly Series[] {
    const computed = this.#computed.get(name);
    return computed ? [...computed.values()].sort(byLabels) : (this.#recorded.get(name) ?? []);
  }

  #metric(name: string): Map<string, GrowingSeries> {
    const known = this.#computed.get(name);
    if (known) return known;
    const made = new Map<string, GrowingSeries>();
    this.#computed.set(name, made);
    this.#generation++;
    return made;
  }

  #series(labels: LabelSet, rule: number): GrowingSeries {
    const metric = this.#metric(labels.get('__name__'));
    const known = metric.get(labels.key);
    if (known) return known;
    const made = new GrowingSeries(labels, rule);
    metric.set(labels.key, made);
    this.#generation++;
    return made;
  }
}

/** Times of evaluation, ms since epoch: start, start + step, … */
export interface Grid {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Writes what a rule gives; what it gave last time and does not give now has ended. */
export class SampleWriter implements RuleWriter {
  readonly #seriesOf: (labels: LabelSet) => GrowingSeries;
  #current = new Set<GrowingSeries>();

  constructor(seriesOf: (labels: LabelSet) => GrowingSeries) {
    this.#seriesOf = seriesOf;
  }

  write(samples: readonly Sample[], time: number): void {
    const seen = new Set<GrowingSeries>();
    for (const { labels, value } of samples) {
      const series = this.#seriesOf(labels);
      series.append(time, value, false);
      seen.add(series);
    }
    for (const series of this.#current) if (!seen.has(series)) series.append(time, Number.NaN, true);
    this.#current = seen;
  }

  /** As `write` at each of the times; `all` has values at some of them, moved by `offsetMs`. Instead of `write`. */
  writeAll(all: readonly RangeSeries[], { start, step, count }: Grid, offsetMs: number): void {
    for (const { labels, times, values } of all) {
      const series = this.#seriesOf(labels);
      const last = start + (count - 1) * step;
      for (let at = 0; at < times.length; at++) {
        const time = times[at]! + offsetMs;
        series.append(time, values[at]!, false);
        const isEnded = time < last && times[at + 1] !== times[at]! + step;
        if (isEnded) series.append(time + step, Number.NaN, true);
      }
    }
  }
}

class StoredSeries implements Series {
  readonly labels: LabelSet;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly #series: FixedSeries;

  constructor(series: FixedSeries) {
    const { labels, times } = series;
    this.#series = series;
    this.labels = labels;
    this.firstTime = times[0] ?? Infinity;
    this.lastTime = times[times.length - 1] ?? -Infinity;
  }

  samples(start: number, end: number): Samples | undefined {
    const { times, values, stale } = this.#series;
    return between({ times, values, stale }, times.length, start, end);
  }
}

/** Samples come at its end, in order of time; of one time the first counts, as in Prometheus. */
class GrowingSeries implements Series {
  readonly labels: LabelSet;
  /** Which wrote it first. */
  readonly rule: number;
  #times = new Float64Array(64);
  #values = new Float64Array(64);
  #stale = new Uint8Array(64);
  #length = 0;

  constructor(labels: LabelSet, rule: number) {
    this.labels = labels;
    this.rule = rule;
  }

  /** A copy whose times are a millisecond later. */
  later(): Series {
    return new StoredSeries({
      labels: this.labels,
      times: this.#times.slice(0, this.#length).map((time) => time + 1),
      values: this.#values.subarray(0, this.#length),
      stale: this.#stale.subarray(0, this.#length),
    });
  }

  get firstTime(): number {
    return this.#length > 0 ? this.#times[0]! : Infinity;
  }

  get lastTime(): number {
    return this.#length > 0 ? this.#times[this.#length - 1]! : -Infinity;
  }

  append(time: number, value: number, isStale: boolean): void {
    if (time <= this.lastTime) return;
    if (this.#length === this.#times.length) {
      this.#times = grown(this.#times, new Float64Array(this.#length * 2));
      this.#values = grown(this.#values, new Float64Array(this.#length * 2));
      this.#stale = grown(this.#stale, new Uint8Array(this.#length * 2));
    }
    this.#times[this.#length] = time;
    this.#values[this.#length] = value;
    this.#stale[this.#length++] = isStale ? 1 : 0;
  }

  samples(start: number, end: number): Samples | undefined {
    return between(
      { times: this.#times, values: this.#values, stale: this.#stale },
      this.#length,
      start,
      end,
    );
  }
}

function grown<Numbers extends Float64Array | Uint8Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}

function between(
  all: { times: Float64Array; values: Float64Array; stale: Uint8Array | undefined },
  length: number,
  start: number,
  end: number,
): Samples | undefined {
  const from = firstAfter(all.times, 0, length, start);
  const to = firstAfter(all.times, from, length, end);
  return from < to ? { ...all, from, to } : undefined;
}

function byLabels(one: Series, other: Series): number {
  return one.labels.key < other.labels.key ? -1 : 1;
}
