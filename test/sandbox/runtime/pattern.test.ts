import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchingPart, matchPattern } from '../../../src/sandbox/runtime/shell/pattern.ts';

/** Another way to say it: the pattern as a regular expression, tried on every part. */
function expression(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/\*/g, '.*').replace(/\?/g, '.').replace(/\[!/g, '[^')}$`, 's');
}

const pattern = fc
  .array(fc.constantFrom('a', 'b', 'c', '*', '?', '[ab]', '[!a]', '[a-b]'), { maxLength: 6 })
  .map((parts) => parts.join(''));
const text = fc.stringMatching(/^[abc\n]{0,8}$/);

test('a pattern matches as its regular expression does', () => {
  fc.assert(
    fc.property(pattern, text, (it, on) => matchPattern(it, on) === expression(it).test(on)),
    { numRuns: 2000 },
  );
});

test('the shortest and the longest part at either end are those that the regular expression finds', () => {
  fc.assert(
    fc.property(pattern, text, fc.boolean(), fc.boolean(), (it, on, end, longest) => {
      const parts = [...Array(on.length + 1).keys()].filter((length) =>
        expression(it).test(end ? on.slice(on.length - length) : on.slice(0, length)),
      );
      expect(matchingPart(it, on, { end, longest })).toBe(longest ? parts.at(-1) : parts[0]);
    }),
    { numRuns: 1000 },
  );
});

test('a backslash takes a character as it is', () => {
  expect(matchPattern('\\*a', '*a')).toBe(true);
  expect(matchPattern('\\*a', 'ba')).toBe(false);
  expect(matchPattern('[x', '[x')).toBe(true);
});

test('case Q12: many stars on a long text take no time to speak of', () => {
  const long = 'a'.repeat(20_000);
  const began = performance.now();
  expect(matchPattern('*a*a*a*a*a*a*a*a*b', long)).toBe(false);
  expect(matchingPart('*a*a*a*a*a*b', long, { end: false, longest: true })).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(2000);
});
