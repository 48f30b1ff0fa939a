/** Samples that will not change any more: whole blocks of {@link blockLength}. */
export interface Chunk {
  /** Shared by the series that were scraped together. */
  readonly times: Float64Array;
  /** As {@link packBlock} writes them, one after the other. */
  readonly values: Uint8Array;
  /** As in Samples. */
  readonly stale: Uint8Array | undefined;
}

/** Samples that are packed together. */
export const blockLength = 64;
/** Blocks of one chunk: at a block each, the objects around the bytes would take more than the bytes. */
const blocksPerChunk = 8;

/** Times of samples: one array for all series that have the same ones, of the last few hundred. */
export class TimeAxes {
  readonly #known = new Map<string, Float64Array>();

  share(times: Float64Array): Float64Array {
    const key = `${times[0]} ${times[times.length - 1]} ${times.length}`;
    const known = this.#known.get(key);
    if (known?.every((time, index) => time === times[index])) return known;
    this.#known.set(key, times);
    const [oldest] = this.#known.keys();
    if (this.#known.size > 256 && oldest !== undefined) this.#known.delete(oldest);
    return times;
  }
}

/** The chunk with one block more, or undefined if it is full. */
export function extend(
  chunk: Chunk,
  times: Float64Array,
  values: Float64Array,
  stale: Uint8Array,
): Chunk | undefined {
  const { length } = chunk.times;
  if (length === blocksPerChunk * blockLength) return undefined;
  const anyStale = chunk.stale || stale.includes(1);
  const before = unpackValues(chunk.values, length)[length - 1] ?? 0;
  return {
    times: joined(Float64Array, chunk.times, times),
    values: joined(Uint8Array, chunk.values, packBlock(values, before)),
    stale: anyStale ? joined(Uint8Array, chunk.stale ?? new Uint8Array(length), stale) : undefined,
  };
}

export const emptyChunk: Chunk = { times: new Float64Array(), values: new Uint8Array(), stale: undefined };

function joined<T extends Float64Array | Uint8Array>(Kind: new (length: number) => T, one: T, other: T): T {
  const both = new Kind(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** First byte of a packed block. */
const same = 0;
const steps = 1;
const plain = 2;

/**
 * At most {@link blockLength} values as bytes. Most metrics count, and most counters stand still or move by little: those that
 * all equal the value before take one byte, whole numbers the differences (seven bits a byte, sign in the lowest bit), and
 * anything else eight bytes each. Bits are kept, NaN and -0 too.
 */
export function packBlock(values: Float64Array, before: number): Uint8Array {
  if (values.every((value) => Object.is(value, before))) return Uint8Array.of(same);
  return packSteps(values, before) ?? joined(Uint8Array, Uint8Array.of(plain), bytesOf(values));
}

function packSteps(values: Float64Array, before: number): Uint8Array | undefined {
  const bytes = [steps];
  let last = base(before);
  for (const value of values) {
    const step = value - last;
    if (!isCount(value) || Math.abs(step) >= 2 ** 51) return undefined;
    last = value;
    let rest = step < 0 ? -2 * step - 1 : 2 * step;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  }
  return bytes.length <= 8 * values.length ? Uint8Array.from(bytes) : undefined;
}

/** The values of packed blocks, `length` in all. */
export function unpackValues(packed: Uint8Array, length: number): Float64Array {
  const values = new Float64Array(length);
  let at = 0;
  for (let start = 0; start < length; start += blockLength) {
    const block = values.subarray(start, start + blockLength);
    const before = start > 0 ? values[start - 1]! : 0;
    const tag = packed[at++];
    if (tag === same) block.fill(before);
    else if (tag === steps) at = unpackSteps(packed, at, base(before), block);
    else {
      bytesOf(block).set(packed.subarray(at, at + block.byteLength));
      at += block.byteLength;
    }
  }
  return values;
}

/** Into `block`; gives the place after the last byte. */
function unpackSteps(packed: Uint8Array, start: number, before: number, block: Float64Array): number {
  let [at, last] = [start, before];
  for (let index = 0; index < block.length; index++) {
    let rest = 0;
    let byte = 128;
    for (let factor = 1; byte >= 128; factor *= 128) {
      byte = packed[at++]!;
      rest += (byte % 128) * factor;
    }
    last += rest % 2 === 1 ? -(rest + 1) / 2 : rest / 2;
    block[index] = last;
  }
  return at;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && !Object.is(value, -0);
/** What the first difference of a block is to. */
const base = (before: number): number => (isCount(before) ? before : 0);
const bytesOf = (values: Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
