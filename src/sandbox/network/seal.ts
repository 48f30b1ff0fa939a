/**
 * What a pod's preload and the network say to each other is sealed: SipHash-2-4 (Aumasson and Bernstein, 2012) under a key
 * that only the two have. A program can get at the connection between them, as it can at any object of its own process; without the
 * key it can neither ask as the preload nor answer as the network. No secret ever travels.
 *
 * It is arithmetic on numbers, and calls nothing that a program could have replaced. node:crypto would not do: the key
 * would pass through objects whose prototypes a program can reach.
 */

/** 128 bits, as four numbers of 32. */
export type SealKey = readonly [number, number, number, number];

const { bind, call } = Function.prototype;
const uncurry = bind.bind(call);
const charCodeAt = uncurry(String.prototype.charCodeAt) as unknown as (text: string, at: number) => number;
const numberToString = uncurry(Number.prototype.toString) as unknown as (
  value: number,
  radix: number,
) => string;

/** The seal of a text: 64 bits in hexadecimal digits, over its UTF-16 code units, two bytes each. */
export function seal(text: string, key: SealKey): string {
  return sipHash(
    (at) => {
      const code = charCodeAt(text, at >> 1);
      return at & 1 ? code >> 8 : code & 0xff;
    },
    text.length * 2,
    key,
  );
}

/** SipHash-2-4 of `length` bytes; each 64-bit word of the paper is a pair here: low, high. */
export function sipHash(byteAt: (at: number) => number, length: number, key: SealKey): string {
  let v0l = key[0] ^ 0x70736575,
    v0h = key[1] ^ 0x736f6d65;
  let v1l = key[2] ^ 0x6e646f6d,
    v1h = key[3] ^ 0x646f7261;
  let v2l = key[0] ^ 0x6e657261,
    v2h = key[1] ^ 0x6c796765;
  let v3l = key[2] ^ 0x79746573,
    v3h = key[3] ^ 0x74656462;

  function rounds(count: number): void {
    for (let round = 0; round < count; round++) {
      let low = 0;
      let swap = 0;
      // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
      low = (v0l >>> 0) + (v1l >>> 0);
      v0h = (v0h + v1h + (low > 0xffffffff ? 1 : 0)) | 0;
      v0l = low | 0;
      swap = v1l;
      v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
      v1h = ((v1h << 13) | (swap >>> 19)) ^ v0h;
      swap = v0l;
      v0l = v0h;
      v0h = swap;
      // v2 += v3; v3 = rotl(v3, 16) ^ v2
      low = (v2l >>> 0) + (v3l >>> 0);
      v2h = (v2h + v3h + (low > 0xffffffff ? 1 : 0)) | 0;
      v2l = low | 0;
      swap = v3l;
      v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = ((v3h << 16) | (swap >>> 16)) ^ v2h;
      // v0 += v3; v3 = rotl(v3, 21) ^ v0
      low = (v0l >>> 0) + (v3l >>> 0);
      v0h = (v0h + v3h + (low > 0xffffffff ? 1 : 0)) | 0;
      v0l = low | 0;
      swap = v3l;
      v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = ((v3h << 21) | (swap >>> 11)) ^ v0h;
      // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
      low = (v2l >>> 0) + (v1l >>> 0);
      v2h = (v2h + v1h + (low > 0xffffffff ? 1 : 0)) | 0;
      v2l = low | 0;
      swap = v1l;
      v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
      v1h = ((v1h << 17) | (swap >>> 15)) ^ v2h;
      swap = v2l;
      v2l = v2h;
      v2h = swap;
    }
  }

  const word = (at: number): number => {
    let value = 0;
    for (let index = 0; index < 4; index++) {
      if (at + index < length) value |= byteAt(at + index) << (8 * index);
    }
    return value;
  };
  const whole = length - (length % 8);
  for (let at = 0; at <= whole; at += 8) {
    const low = word(at);
    // The last word ends with the length.
    const high = word(at + 4) | (at === whole ? (length & 0xff) << 24 : 0);
    v3l ^= low;
    v3h ^= high;
    rounds(2);
    v0l ^= low;
    v0h ^= high;
  }
  v2l ^= 0xff;
  rounds(4);
  return digits(v0h ^ v1h ^ v2h ^ v3h) + digits(v0l ^ v1l ^ v2l ^ v3l);
}

/** Eight digits: a ninth in front keeps the zeros. */
function digits(value: number): string {
  const text = numberToString((value >>> 0) + 0x100000000, 16);
  let eight = '';
  for (let at = 1; at < 9; at++) eight += text[at];
  return eight;
}
