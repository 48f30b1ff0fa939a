import { describe, expect, it } from 'vitest';
import { PromqlError } from '../../src/promql/error.ts';
import { parse } from '../../src/promql/syntax/parse.ts';
import { metricNames, parsed, selectorsIn } from '../../src/promql/syntax/parsed.ts';
import { print } from '../../src/promql/syntax/print.ts';
import { addMatchers } from '../../src/signal/dashboard/add-matchers.ts';
import { syntaxProblem } from '../../src/signal/promql-syntax.ts';

/** Every operation in parentheses. */
function grouped(text: string): string {
  const show = (expr: ReturnType<typeof parse>): string => {
    if (expr.kind === 'binary') return `(${show(expr.left)} ${expr.op} ${show(expr.right)})`;
    return expr.kind === 'unary' ? `(${expr.op}${show(expr.expr)})` : print(expr);
  };
  return show(parse(text));
}

describe('what binds tighter', () => {
  it.each([
    ['a + b * c ^ d ^ e', '(a + (b * (c ^ (d ^ e))))'],
    ['-a ^ b * c', '((-(a ^ b)) * c)'],
    ['a - b - c', '((a - b) - c)'],
    ['a or b and c unless d', '(a or ((b and c) unless d))'],
    ['a == b > c + 1', '((a == b) > (c + 1))'],
    ['a % b atan2 c', '((a % b) atan2 c)'],
    ['-2 ^ 2', '(-(2 ^ 2))'],
    ['- - - 1', '-1'],
    ['2 ^ -b', '(2 ^ (-b))'],
    ['a + b offset 5m', '(a + b offset 5m)'],
    ['-max_over_time(a[5m:1m] offset 1m)', '(-max_over_time(a[5m:1m] offset 1m))'],
  ])('%s', (text, expected) => expect(grouped(text)).toBe(expected));
});

describe('literals', () => {
  it.each([
    ['0x1F', 31],
    ['017', 15],
    ['1_000.5e-1', 100.05],
    ['.5', 0.5],
    ['1h30m', 5400],
    ['-Inf', -Infinity],
    ['nan', Number.NaN],
  ])('%s', (text, value) => expect(parse(text)).toMatchObject({ kind: 'number', value }));

  it.each(['1_', '5mm', '1.2.3', '0xg', '08x', '1e', '"a\nb"', '"\\q"', '$x', 'a{b="c"d="e"}', 'a{b:c="d"}'])(
    'are none: %s',
    (text) => expect(() => parse(text)).toThrow(PromqlError),
  );
});

describe('names that are words of the language', () => {
  it.each([
    ['sum + by', ['sum', 'by']],
    ['offset offset 5m', ['offset']],
    ['start{end="x"} @ end()', ['start']],
    ['sum by (by, on) (bottomk{on="by"})', ['bottomk']],
    ['SUM BY (a) (b) OR c OFFSET 1m', ['b', 'c']],
    ['infra or nano', ['infra', 'nano']],
    ['{"a.b", c="d"} / {__name__=~"e|f"}', ['a.b', 'e', 'f']],
  ])('%s', (text, names) => {
    expect(metricNames(text)).toEqual(names);
    expect(syntaxProblem(text)).toBeUndefined();
  });
});

describe('PromQL of newer Prometheus that is not evaluated', () => {
  it.each([
    'rate(x[5m] smoothed)',
    'x + on (a) fill(0) y',
    'x[step() * 2 + max(1m, 30s)]',
    'info(x, {y="z"})',
    'x </ y',
    'histogram_quantiles(x, "q", 0.5, 0.9)',
  ])('is read, and refused only when it should be evaluated: %s', (text) => {
    expect(metricNames(text)[0]).toBe('x');
    expect(syntaxProblem(text)).toBeUndefined();
    expect(() => parse(text)).toThrow('is not supported yet');
  });
});

it('finds selectors without their ranges and offsets', () => {
  const text = 'rate(a{b="c"}[5m] offset 1m) / ignoring(x) sum(d @ end()) # e';
  expect(selectorsIn(text).map(({ from, bareTo }) => text.slice(from, bareTo))).toEqual(['a{b="c"}', 'd']);
  expect(selectorsIn('rate(a[5m]')).toEqual([]);
});

it('adds matchers to every selector', () => {
  expect(addMatchers('rate(a{b="}"}[5m] offset 1m) / c - {d="e",} > f{}', ['x="y"'])).toBe(
    'rate(a{b="}",x="y"}[5m] offset 1m) / c{x="y"} - {d="e",x="y"} > f{x="y"}',
  );
});

it('does not follow what is nested too deeply, however it is', () => {
  for (const text of [
    `${'('.repeat(5000)}a`,
    `${'-'.repeat(5000)}a`,
    `a${'+a'.repeat(5000)}`,
    `a${'^a'.repeat(5000)}`,
  ])
    expect(() => parse(text)).toThrow('nested more than 1000 levels');
  expect(parsed('('.repeat(5000))).toBeUndefined();
});
