import type { LabelSet } from './labels.ts';

/** A part of a series: samples with index from ≤ i < to. Times are ms since epoch. */
export interface Window {
  readonly labels: LabelSet;
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly from: number;
  readonly to: number;
}

/** Samples of one label set, append-only, in order of time. */
export class Series {
  readonly labels: LabelSet;
  #times = new Float64Array(16);
  #values = new Float64Array(16);
  /** 1 where the sample is a staleness marker: JavaScript does not keep the payload of Prometheus' stale NaN. */
  #stale = new Uint8Array(16);
  #from = 0;
  #to = 0;
  #markers = 0;

  constructor(labels: LabelSet) {
    this.labels = labels;
  }

  get length(): number {
    return this.#to - this.#from;
  }

  get lastTime(): number {
    return this.#to > this.#from ? this.#times[this.#to - 1]! : -Infinity;
  }

  get firstTime(): number {
    return this.#to > this.#from ? this.#times[this.#from]! : Infinity;
  }

  /** False, and nothing stored, if the sample is not newer than the last one. */
  append(time: number, value: number): boolean {
    return this.#push(time, value, 0);
  }

  /** Says that the series has ended at `time`. */
  markStale(time: number): boolean {
    if (this.#to > this.#from && this.#stale[this.#to - 1] === 1) return false;
    return this.#push(time, Number.NaN, 1);
  }

  /** The latest sample in (time - lookback, time], unless it is a staleness marker. */
  at(time: number, lookback: number): { time: number; value: number } | undefined {
    const index = this.#after(time) - 1;
    if (index < this.#from) return undefined;
    const found = this.#times[index]!;
    if (found <= time - lookback || this.#stale[index] === 1) return undefined;
    return { time: found, value: this.#values[index]! };
  }

  /** The samples in (start, end], without staleness markers; undefined if there are none. */
  window(start: number, end: number): Window | undefined {
    const from = this.#after(start);
    const to = this.#after(end);
    if (from >= to) return undefined;
    if (this.#markers > 0) {
      for (let i = from; i < to; i++) if (this.#stale[i] === 1) return this.#withoutMarkers(from, to);
    }
    return { labels: this.labels, times: this.#times, values: this.#values, from, to };
  }

  /** Forgets samples older than `time`. */
  forgetBefore(time: number): void {
    const from = this.#after(time - 1);
    for (let i = this.#from; i < from; i++) if (this.#stale[i] === 1) this.#markers--;
    this.#from = from;
    if (this.#from > this.#times.length / 2) this.#move(this.#times.length);
  }

  /** Index of the first sample later than `time`. */
  #after(time: number): number {
    let low = this.#from;
    let high = this.#to;
    if (high > low && this.#times[high - 1]! <= time) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times[middle]! <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #withoutMarkers(from: number, to: number): Window | undefined {
    const times: number[] = [];
    const values: number[] = [];
    for (let i = from; i < to; i++) {
      if (this.#stale[i] === 1) continue;
      times.push(this.#times[i]!);
      values.push(this.#values[i]!);
    }
    return times.length === 0 ? undefined : { labels: this.labels, times, values, from: 0, to: times.length };
  }

  #push(time: number, value: number, stale: 0 | 1): boolean {
    if (time <= this.lastTime) return false;
    if (this.#to === this.#times.length) this.#move(Math.max(16, (this.#to - this.#from) * 2));
    this.#times[this.#to] = time;
    this.#values[this.#to] = value;
    this.#stale[this.#to] = stale;
    this.#markers += stale;
    this.#to++;
    return true;
  }

  /** Into new arrays: windows handed out before stay as they were. */
  #move(capacity: number): void {
    const times = new Float64Array(capacity);
    const values = new Float64Array(capacity);
    const stale = new Uint8Array(capacity);
    times.set(this.#times.subarray(this.#from, this.#to));
    values.set(this.#values.subarray(this.#from, this.#to));
    stale.set(this.#stale.subarray(this.#from, this.#to));
    this.#to -= this.#from;
    this.#from = 0;
    this.#times = times;
    this.#values = values;
    this.#stale = stale;
  }
}
