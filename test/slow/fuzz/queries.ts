import fc from 'fast-check';
import { functions } from '../../../src/promql/functions/registry.ts';
import { BASE, EXPRESSIONS, WRONG } from '../../promql/corpus.ts';

const at = BASE / 1000 + 1800;
export const oddText = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '-1',
      '0',
      '1',
      '1e99',
      '-1e99',
      'NaN',
      'Inf',
      '-Inf',
      '1e400',
      '1e-9',
      '0x1',
      '1_0',
      'true',
    ],
    ...[
      'abc',
      '__proto__',
      'constructor',
      '{}',
      '[]',
      'null',
      '"',
      "'",
      '\\',
      '\u0000',
      '😀',
      '\ud800',
      '../..',
    ],
    ...['%', '%zz', '%ff', '%00', ';', '//[', 'a=b&c', 'x'.repeat(5000), '('.repeat(3000), '['.repeat(3000)],
    ...[
      '2026-02-30T00:00:00Z',
      '0000-00-00',
      '9999-12-31T23:59:59Z',
      '-000001-01-01T00:00:00Z',
      '5m',
      '300y',
      '-5m',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
export const seconds = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.integer({ min: -100, max: 3700 }).map((offset) => String(BASE / 1000 + offset)),
  },
  { weight: 1, arbitrary: oddText },
);
export const step = fc.oneof(fc.constantFrom('15', '1m', '7', '0.5', '1h'), oddText);
const duration = fc.constantFrom(
  '5m',
  '1m',
  '1s',
  '1ms',
  '1h',
  '30d',
  '1y',
  '292y',
  '300y',
  '0s',
  '-5m',
  '17',
  'NaN',
);
const label = fc.constantFrom('app', 'pod', 'code', 'le', '__name__', 'nosuch', 'job', '__proto__');
export const pattern = fc.oneof(
  fc.constantFrom(
    'a|b',
    '.*',
    '.+',
    '([a-z0-9-]+)+!',
    '(?i:A)',
    '(',
    '(?=a)',
    '(.*)*',
    '\\',
    '[',
    'a{1000}',
    '(a{100}){100}',
    '\\pL',
    '^$',
  ),
  oddText,
);
const number = fc.oneof(
  fc.constantFrom('0', '1', '-1', '0.5', '2', '1e99', 'NaN', 'Inf', '-Inf', '1e-300', '9223372036854775807'),
  fc.double().map(String),
);
const selector = fc
  .tuple(
    fc.constantFrom(
      'http_requests_total',
      'request_seconds_bucket',
      'app_info',
      'young_total',
      'nosuch',
      'up',
      '',
    ),
    fc.array(
      fc
        .tuple(label, fc.constantFrom('=', '!=', '=~', '!~'), pattern)
        .map(([name, op, value]) => `${name}${op}${JSON.stringify(value)}`),
      { maxLength: 2 },
    ),
    fc.constantFrom(
      '',
      '',
      '',
      ' offset 5m',
      ' offset -1y',
      ' @ 0',
      ' @ end()',
      ' @ start()',
      ' @ 1e99',
      ' @ NaN',
      ` @ ${at}`,
    ),
  )
  .map(([name, matchers, modifier]) => ({
    text: `${name}${matchers.length > 0 ? `{${matchers.join(',')}}` : ''}`,
    modifier,
  }));
const aggregations = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'stddev',
  'topk',
  'bottomk',
  'quantile',
  'count_values',
  'group',
  'limitk',
  'limit_ratio',
];

const { promql } = fc.letrec<{ promql: string; range: string; argument: string }>((tie) => ({
  promql: fc.oneof(
    { maxDepth: 5, withCrossShrink: false },
    selector.map(({ text, modifier }) => text + modifier),
    number,
    fc
      .tuple(
        fc.constantFrom(...functions.keys(), 'absent', 'nosuch'),
        fc.array(tie('argument'), { maxLength: 3 }),
      )
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    tie('promql').chain((inner) =>
      fc.constantFrom(`(${inner})`, `-${inner}`, `sum by (app) (${inner})`, `vector(${inner})`),
    ),
    fc.tuple(fc.constantFrom(...functions.keys()), tie('range')).map(([name, inner]) => `${name}(${inner})`),
    fc
      .tuple(
        fc.constantFrom(...aggregations),
        fc.constantFrom('', 'by (app)', 'without (pod)', 'by ("x y")'),
        fc.array(tie('argument'), { minLength: 1, maxLength: 2 }),
      )
      .map(([op, by, args]) => `${op} ${by} (${args.join(', ')})`),
    fc
      .tuple(
        tie('promql'),
        fc.constantFrom(
          '+',
          '-',
          '*',
          '/',
          '%',
          '^',
          '==',
          '> bool',
          'and',
          'or',
          'unless',
          'atan2',
          '* on (app)',
          '* on (app) group_left (pod)',
          '/ ignoring (code)',
        ),
        tie('promql'),
      )
      .map(([left, op, right]) => `${left} ${op} ${right}`),
  ),
  range: fc.oneof(
    fc.tuple(selector, duration).map(([{ text, modifier }, range]) => `${text}[${range}]${modifier}`),
    fc
      .tuple(tie('promql'), duration, fc.option(duration, { nil: '' }))
      .map(([inner, range, every]) => `(${inner})[${range}:${every}]`),
  ),
  argument: fc.oneof(
    tie('promql'),
    tie('range'),
    number,
    oddText.map((text) => JSON.stringify(text)),
    label.map((name) => `"${name}"`),
  ),
}));

/** A text with a few characters left out, doubled or put in. */
export const damaged = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(
      text,
      fc.array(
        fc.tuple(
          fc.nat(),
          fc.constantFrom('', '', '(', ')', '[', ']', '{', '}', '"', '@', ':', '9', '^', '\u0000', '💥'),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([original, changes]) =>
      changes.reduce((now, [place, insert]) => {
        const index = place % (now.length + 1);
        return now.slice(0, index) + insert + now.slice(index + (insert === '' ? 1 : 0));
      }, original),
    );
export const query = fc.oneof(
  { weight: 4, arbitrary: promql as fc.Arbitrary<string> },
  { weight: 3, arbitrary: damaged(fc.constantFrom(...EXPRESSIONS, ...WRONG)) },
  { weight: 1, arbitrary: oddText },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'http_requests_total[5m:1m]',
      'max_over_time(http_requests_total[1y:1s])',
      'max_over_time(http_requests_total[292y:1ms])',
      'count_over_time(vector(1)[1y:1s])',
      'sum_over_time((sum_over_time(vector(1)[1d:1s]))[1d:1s])',
      `${'('.repeat(2000)}1${')'.repeat(2000)}`,
      Array.from({ length: 3000 }, () => 'up').join(' or '),
      'label_join(label_join(label_join(app_info,"a","","app","app"),"a","","a","a"),"a","","a","a")',
      `label_replace(app_info, "a", "${'$1'.repeat(1000)}", "app", "(.*)")`,
    ),
  },
);
