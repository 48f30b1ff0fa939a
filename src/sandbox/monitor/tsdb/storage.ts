import type { LabelSet } from '../../../promql/series/labels.ts';
import type { Matcher } from '../../../promql/series/matcher.ts';
import type { SeriesSource } from '../../../promql/series/source.ts';
import { TimeAxes } from './chunk.ts';
import { StoredSeries } from './series.ts';

/** All series in memory, with an inverted index from label name and value to series. */
export class Storage implements SeriesSource {
  readonly #series = new Map<string, StoredSeries>();
  readonly #index = new Map<string, Map<string, Set<StoredSeries>>>();
  readonly #maximumSeries: number;
  readonly #axes = new TimeAxes();
  #generation = 0;

  /** @param maximumSeries bound of memory: samples of further new series are refused. */
  constructor({ maximumSeries = 100_000 }: { maximumSeries?: number } = {}) {
    this.#maximumSeries = maximumSeries;
  }

  get generation(): number {
    return this.#generation;
  }

  get size(): number {
    return this.#series.size;
  }

  /** The series of these labels, created if new; undefined when the storage is full. */
  series(labels: LabelSet): StoredSeries | undefined {
    const known = this.#series.get(labels.key);
    if (known) return known;
    if (this.#series.size >= this.#maximumSeries) return undefined;
    const series = new StoredSeries(labels, this.#axes);
    this.#series.set(labels.key, series);
    for (const [name, value] of labels) this.#posting(name, value).add(series);
    this.#generation++;
    return series;
  }

  /** False if the sample was refused: too old, or no room for a new series. */
  append(labels: LabelSet, time: number, value: number): boolean {
    return this.series(labels)?.append(time, value) ?? false;
  }

  select(matchers: readonly Matcher[]): StoredSeries[] {
    const selected: StoredSeries[] = [];
    for (const series of this.#candidates(matchers)) {
      if (matchers.every(({ name, matches }) => matches(series.labels.get(name)))) selected.push(series);
    }
    return selected.sort((a, b) => (a.labels.key < b.labels.key ? -1 : 1));
  }

  labelNames(): string[] {
    return [...this.#index.keys()].sort();
  }

  labelValues(name: string): string[] {
    return [...(this.#index.get(name)?.keys() ?? [])].sort();
  }

  /** Drops samples before `time` (ms since epoch) and series that have none left. */
  forgetBefore(time: number): void {
    for (const [key, series] of this.#series) {
      series.forgetBefore(time);
      if (!series.isEmpty) continue;
      this.#series.delete(key);
      for (const [name, value] of series.labels) this.#removePosting(name, value, series);
      this.#generation++;
    }
  }

  #candidates(matchers: readonly Matcher[]): Iterable<StoredSeries> {
    let smallest: Set<StoredSeries> | undefined;
    for (const { name, op, value } of matchers) {
      if (op !== '=' || value === '') continue;
      const posting = this.#index.get(name)?.get(value);
      if (!posting) return [];
      if (!smallest || posting.size < smallest.size) smallest = posting;
    }
    if (smallest) return smallest;
    const selective = matchers.find(({ op, matches }) => op === '=~' && !matches(''));
    if (!selective) return this.#series.values();
    const values = [...(this.#index.get(selective.name) ?? [])].filter(([value]) => selective.matches(value));
    return values.flatMap(([, posting]) => [...posting]);
  }

  #posting(name: string, value: string): Set<StoredSeries> {
    let values = this.#index.get(name);
    if (!values) {
      values = new Map();
      this.#index.set(name, values);
    }
    let posting = values.get(value);
    if (!posting) {
      posting = new Set();
      values.set(value, posting);
    }
    return posting;
  }

  #removePosting(name: string, value: string, series: StoredSeries): void {
    const values = this.#index.get(name);
    const posting = values?.get(value);
    posting?.delete(series);
    if (posting?.size === 0) values?.delete(value);
    if (values?.size === 0) this.#index.delete(name);
  }
}
