import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SealKey, seal, sipHash } from '../../../src/sandbox/network/seal.ts';

/** Key 00 01 … 0f, as four little-endian words. */
const KEY: SealKey = [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c];

test.each([
  // Appendix A of the paper, and the first lines of vectors_sip64 that come with the reference implementation.
  [0, '726fdb47dd0e0e31'],
  [1, '74f839c593dc67fd'],
  [2, '0d6c8009d9a94f5a'],
  [8, '93f5f5799a932462'],
  [15, 'a129ca6149be45e5'],
])('SipHash-2-4 of the bytes 0, 1, 2 … (%i of them) is that of the paper', (length, expected) => {
  expect(sipHash((at) => at, length, KEY)).toBe(expected);
});

test('another text or another key has another seal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
      expect(seal(one, KEY)).toMatch(/^[0-9a-f]{16}$/);
      expect(seal(one, KEY) === seal(other, KEY)).toBe(one === other);
      expect(seal(one, [1, 2, 3, 4])).not.toBe(seal(one, KEY));
    }),
  );
});
