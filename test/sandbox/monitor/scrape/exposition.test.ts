import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatValue } from '../../../../src/promql/value.ts';
import { parseExposition } from '../../../../src/sandbox/monitor/scrape/exposition.ts';

function read(text: string) {
  return parseExposition(text).samples.map(({ labels, ...rest }) => ({ ...rest, labels: labels.toJSON() }));
}

test('names, labels, values, timestamps and metadata are read', () => {
  const { samples, metadata } = parseExposition(
    [
      '# HELP requests_total All requests,\\nsince the start.',
      '# TYPE requests_total counter',
      'requests_total{code="200",path="/a,b}"} 12 1767225600000',
      'requests_total{ code = "500", } 1.5e3',
      '',
      'up 1',
      '# just a comment',
    ].join('\n'),
  );
  expect(samples.map(({ labels, value, time }) => [String(labels), value, time])).toEqual([
    ['requests_total{code="200", path="/a,b}"}', 12, 1_767_225_600_000],
    ['requests_total{code="500"}', 1500, undefined],
    ['up{}', 1, undefined],
  ]);
  expect(metadata.get('requests_total')).toEqual({
    type: 'counter',
    help: 'All requests,\nsince the start.',
    unit: '',
  });
});

test('escapes in label values are undone', () => {
  expect(read('a{b="x\\"y\\\\z\\n"} 1')).toEqual([{ labels: { __name__: 'a', b: 'x"y\\z\n' }, value: 1 }]);
});

test('infinities and NaN are values', () => {
  expect(read('a{le="+Inf"} +Inf\nb -Inf\nc NaN').map(({ value }) => value)).toEqual([
    Infinity,
    -Infinity,
    Number.NaN,
  ]);
});

test('exemplars are passed over', () => {
  expect(read('a_bucket{le="1"} 3 # {trace_id="x"} 0.5 1.2')).toEqual([
    { labels: { __name__: 'a_bucket', le: '1' }, value: 3 },
  ]);
});

test('a quoted name may stand inside of the braces', () => {
  expect(read('{"my.metric",a="b"} 1')).toEqual([{ labels: { __name__: 'my.metric', a: 'b' }, value: 1 }]);
});

test.each([
  ['a{b="c" 1', 'line 1 at column 9'],
  ['up 1\na{b=c} 1', 'line 2 at column 5'],
  ['a one', 'number as value'],
  ['a', 'number as value'],
  ['{b="c"} 1', 'a metric name'],
  ['a 1 2 3', 'end of the line'],
  ['a{b} 1', '"=" after a label name'],
])('a bad line spoils the scrape and is named: %s', (text, problem) => {
  expect(() => parseExposition(text)).toThrow(problem);
});

test('what is written is read back', () => {
  const label = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/).filter((name) => name !== '__name__');
  const sample = fc.record({
    name: fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,12}$/),
    labels: fc.dictionary(label, fc.string({ unit: 'grapheme', minLength: 1 })),
    value: fc.double(),
  });
  fc.assert(
    fc.property(fc.array(sample), (samples) => {
      const escaped = (text: string) =>
        text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
      const lines = samples.map(({ name, labels, value }) => {
        const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
        return `${name}{${pairs.join(',')}} ${formatValue(value)}`;
      });
      expect(read(lines.join('\n'))).toEqual(
        samples.map(({ name, labels, value }) => ({ labels: { ...labels, __name__: name }, value })),
      );
    }),
  );
});
