import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clean, visible } from '../../src/words/clean.ts';
import { code, html, markdown, quoted, shellWord, xml } from '../../src/words/escape.ts';

it('takes escape sequences and what turns the direction of text out', () => {
  const text = '\u001b[31mred\u001b[0m \u001b]0;title\u0007\u202etext\nnext\u0007';
  expect(visible(text)).toBe('red text\nnext');
  expect(clean(text)).toBe('red  text next ');
});

it('leaves nothing that a terminal or a page obeys', () => {
  const hostile = fc.string({
    unit: fc.constantFrom('\u001b', '[', ']', '\u0007', '<', '&', '"', 'a', '\n', '\u009b'),
  });
  fc.assert(
    fc.property(hostile, (text) => {
      expect(clean(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(html(text)).not.toMatch(/[<>"\u001b]/);
    }),
  );
});

it('escapes for each language', () => {
  expect(html(`<a href="x">'&`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;');
  expect(xml('a\u0000<b>')).toBe('a?&lt;b&gt;');
  expect(markdown('*a* [b](c) <d> & e_f')).toBe('\\*a\\* \\[b\\](c) \\<d\\> &amp; e\\_f');
  expect(code('a `b`\nc')).toBe('``a `b` c``');
  expect([code('`a'), code('``'), code('x')]).toEqual(['`` `a ``', '``` `` ```', '`x`']);
  expect(quoted('a `b`')).toBe("`a 'b'`");
});

it('writes any text as one word of a shell', () => {
  const text = `it's $HOME \`id\` "x" \\ \n;`;
  expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text);
});
