import type { LabelSet } from '../../../promql/series/labels.ts';
import { firstAfter, type Samples, type Series } from '../../../promql/series/source.ts';
import { blockLength, type Chunk, emptyChunk, extend, TimeAxes, unpackValues } from './chunk.ts';

/**
 * Samples of one label set in memory, append-only, in order of time. The newest 64 to 128 are at hand as they are: what
 * rules ask for again and again. Older ones are packed, and unpacked for who asks for them.
 */
export class StoredSeries implements Series {
  readonly labels: LabelSet;
  readonly #axes: TimeAxes;
  #closed: Chunk[] = [];
  #times = new Float64Array(16);
  #values = new Float64Array(16);
  /** 1 where the sample is a staleness marker: JavaScript does not keep the payload of Prometheus' stale NaN. */
  #stale = new Uint8Array(16);
  #length = 0;
  /** Samples before this time are forgotten. */
  #begin = -Infinity;

  constructor(labels: LabelSet, axes: TimeAxes = new TimeAxes()) {
    this.labels = labels;
    this.#axes = axes;
  }

  get isEmpty(): boolean {
    return this.lastTime < this.#begin || this.lastTime === -Infinity;
  }

  get lastTime(): number {
    return this.#length > 0 ? this.#times[this.#length - 1]! : -Infinity;
  }

  get firstTime(): number {
    if (this.isEmpty) return Infinity;
    const [oldest] = this.#closed;
    const [times, length] = oldest ? [oldest.times, oldest.times.length] : [this.#times, this.#length];
    return times[firstAfter(times, 0, length, this.#begin - 1)] ?? this.#times[0]!;
  }

  /** False, and nothing stored, if the sample is not newer than the last one. */
  append(time: number, value: number): boolean {
    return this.#push(time, value, 0);
  }

  /** Says that the series has ended at `time`. */
  markStale(time: number): boolean {
    if (this.#length > 0 && this.#stale[this.#length - 1] === 1) return false;
    return this.#push(time, Number.NaN, 1);
  }

  samples(start: number, end: number): Samples | undefined {
    const after = Math.max(start, this.#begin - 1);
    const closed = after < this.#times[0]! ? this.#closed : [];
    const needed = closed.filter(({ times }) => times[times.length - 1]! > after && times[0]! <= end);
    const all = needed.length === 0 ? this.#open() : this.#unpacked(needed);
    const from = firstAfter(all.times, 0, all.to, after);
    const to = firstAfter(all.times, from, all.to, end);
    return from < to ? { ...all, from, to } : undefined;
  }

  /** Forgets samples older than `time`. */
  forgetBefore(time: number): void {
    this.#begin = Math.max(this.#begin, time);
    const kept = this.#closed.findIndex(({ times }) => times[times.length - 1]! >= time);
    if (kept !== 0) this.#closed = kept < 0 ? [] : this.#closed.slice(kept);
  }

  #open(): Samples {
    const stale = this.#stale.includes(1) ? this.#stale : undefined;
    return { times: this.#times, values: this.#values, from: 0, to: this.#length, stale };
  }

  /** Those chunks and all that is open, in new arrays. */
  #unpacked(chunks: readonly Chunk[]): Samples {
    const length = chunks.reduce((sum, { times }) => sum + times.length, this.#length);
    const times = new Float64Array(length);
    const values = new Float64Array(length);
    const stale = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      times.set(chunk.times, at);
      values.set(unpackValues(chunk.values, chunk.times.length), at);
      if (chunk.stale) stale.set(chunk.stale, at);
      at += chunk.times.length;
    }
    times.set(this.#times.subarray(0, this.#length), at);
    values.set(this.#values.subarray(0, this.#length), at);
    stale.set(this.#stale.subarray(0, this.#length), at);
    return { times, values, from: 0, to: length, stale: stale.includes(1) ? stale : undefined };
  }

  #push(time: number, value: number, stale: 0 | 1): boolean {
    if (time <= this.lastTime) return false;
    if (this.#length === 2 * blockLength) this.#close();
    else if (this.#length === this.#times.length) this.#keepFrom(0, 2 * this.#length);
    this.#times[this.#length] = time;
    this.#values[this.#length] = value;
    this.#stale[this.#length] = stale;
    this.#length++;
    return true;
  }

  /** Packs the older half of what is open. */
  #close(): void {
    const times = this.#times.slice(0, blockLength);
    const block = [
      times,
      this.#values.subarray(0, blockLength),
      this.#stale.subarray(0, blockLength),
    ] as const;
    const last = this.#closed.pop() ?? emptyChunk;
    const longer = extend(last, ...block);
    for (const chunk of longer ? [longer] : [last, extend(emptyChunk, ...block)!])
      this.#closed.push({ ...chunk, times: this.#axes.share(chunk.times) });
    this.#keepFrom(blockLength, this.#times.length);
  }

  /** Into new arrays: windows handed out before stay as they were. */
  #keepFrom(from: number, capacity: number): void {
    const times = new Float64Array(capacity);
    const values = new Float64Array(capacity);
    const stale = new Uint8Array(capacity);
    times.set(this.#times.subarray(from, this.#length));
    values.set(this.#values.subarray(from, this.#length));
    stale.set(this.#stale.subarray(from, this.#length));
    this.#length -= from;
    this.#times = times;
    this.#values = values;
    this.#stale = stale;
  }
}
