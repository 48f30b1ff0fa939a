import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex, expandTemplate, RegexError } from '../src/regex.ts';

const whole = (pattern: string) => compileRegex(pattern, { wholeText: true });

describe('a regular expression of a user or a cluster', () => {
  it.each([
    ['(?i:TILL)-.*', 'till-a', true],
    ['(?i)ERROR', 'error', true],
    ['(?s-i:A.)', 'A\n', true],
    ['(?U)a+', 'aaa', true],
    ['(?P<x>a)b', 'ab', true],
    ['(?<x>a)b', 'ab', true],
    ['[[:alpha:]]+', 'abc', true],
    ['[[:^digit:]]+', 'a1', false],
    ['\\Qa.b\\E', 'axb', false],
    ['\\pL+', 'é', true],
    ['\\p{Greek}', 'ω', true],
    ['\\x{1F600}', '😀', true],
    ['\\Aab\\z', 'ab', true],
    ['a.b', 'a\nb', true],
    ['a|ab', 'ab', true],
    ['^a$', 'b\na', false],
    ['', '', true],
  ])('of the whole text: %s on %j', (pattern, text, expected) => {
    expect(whole(pattern).test(text)).toBe(expected);
  });

  it('is looked for anywhere otherwise, a line at a time where lines count', () => {
    expect(compileRegex('b.d').test('abcde')).toBe(true);
    expect(compileRegex('b.d').test('ab\nde')).toBe(false);
    expect(compileRegex('^b').test('a\nb')).toBe(false);
    expect(compileRegex('^b', { lines: true }).test('a\nb')).toBe(true);
    expect(compileRegex('B', { ignoreCase: true }).exec('abc')).toMatchObject({ from: 1, to: 2 });
  });

  it.each([
    ['a(b', 'missing closing ): `a(b`'],
    ['a)|(b', 'unexpected ): `a)|(b`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(a)\\1', 'invalid escape sequence: `\\1`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['((a{100}){100}){100}', 'invalid repeat count'],
    ['*', 'missing argument to repetition operator: `*`'],
  ])('says what is wrong with %s', (pattern, message) => {
    for (const wholeText of [true, false])
      expect(() => compileRegex(pattern, { wholeText })).toThrow(
        expect.objectContaining({ code: 'bad-regex', message: expect.stringContaining(message) }),
      );
  });

  it('is refused when it is too long to compile in a moment', () => {
    expect(() => whole('a'.repeat(70_000))).toThrow(RegexError);
  });

  it.each(['([a-z0-9-]+)+!', '(a|a)*!', '(.*a){12}!', '(a*)*(a*)*!', '(a?){50}a{50}!'])(
    'takes time linear in the text: %s',
    (pattern) => {
      const regex = whole(pattern);
      const started = performance.now();
      expect(regex.test('a'.repeat(20_000))).toBe(false);
      expect(performance.now() - started).toBeLessThan(5000);
    },
  );

  it('fills its groups into a template as Go does', () => {
    const match = whole('(?P<app>\\w+)-(\\d+)(x)?').exec('till-12');
    expect(match?.groups).toEqual(['till-12', 'till', '12', undefined]);
    const fill = (template: string) => match && expandTemplate(template, match);
    expect(fill('$1 ${2} $app ${app}')).toBe('till 12 till till');
    expect(fill('$$1 [$3] [$9] [$nosuch] [$1x] $0 $ ${}')).toBe('$1 [] [] [] [] till-12 $ ${}');
    expect(compileRegex('a(.)').replaceAll('abacad', '${1}$1-')).toBe('bb-cc-dd-');
    expect(compileRegex('x*').replaceAll('abc', '-')).toBe('-a-b-c-');
  });

  it('finds in a plain word what JavaScript finds', () => {
    const word = fc.stringMatching(/^[ab.]{0,6}$/);
    fc.assert(
      fc.property(word, word, (pattern, text) => {
        expect(compileRegex(pattern).test(text)).toBe(new RegExp(pattern).test(text));
        expect(whole(pattern).test(text)).toBe(new RegExp(`^(?:${pattern})$`, 's').test(text));
      }),
    );
  });
});
