import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cell, cut, indented, table, widthOf, wrap } from '../../src/words/width.ts';

const texts = fc.string({ unit: 'grapheme', maxLength: 60 });

describe('wrapping', () => {
  it('breaks at words and keeps the indentation of the first line', () => {
    expect(wrap('  - the pod is restarted\n\nagain', 12)).toEqual([
      '  - the pod',
      'is restarted',
      '',
      'again',
    ]);
  });

  it('counts wide characters as two columns', () => {
    expect(wrap('日本語テスト ok', 8)).toEqual(['日本語テ', 'スト ok']);
  });

  it('cuts a word that is longer than the line', () => {
    expect(wrap('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
  });

  it('leaves no line empty between words that are as long as the line', () => {
    expect(wrap('abcd efgh  ij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });

  it('loses no word, and no line is wider than asked', () => {
    const words = fc.array(fc.stringMatching(/^[a-z日本]{1,8}$/), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(words, fc.integer({ min: 16, max: 40 }), (all, width) => {
        const lines = wrap(all.join(' '), width);
        expect(lines.join(' ')).toBe(all.join(' '));
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('indents the first line and the others by their own columns', () => {
    expect(indented('the alert fired late', 2, 4, 12)).toEqual(['  the alert', '    fired', '    late']);
    expect(indented('short', 2, 4, 12)).toEqual(['  short']);
  });
});

describe('cells', () => {
  it('have the width asked for, whatever is in them', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 30 }), (text, width) => {
        expect(widthOf(cut(text, width))).toBeLessThanOrEqual(width);
        expect(widthOf(cell(text, width))).toBe(width);
      }),
    );
  });

  it('say that something is missing', () => {
    expect([cut('checkout', 8), cut('checkouts', 8), cut('日本語', 4)]).toEqual([
      'checkout',
      'checkou…',
      '日…',
    ]);
  });

  it('stand in columns', () => {
    expect(
      table([
        ['NAME', 'TITLE'],
        ['日本', 'one'],
        ['checkout', 'two'],
      ]),
    ).toEqual(['NAME      TITLE', '日本      one', 'checkout  two']);
  });
});
