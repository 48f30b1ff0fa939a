import { describe, expect, it } from 'vitest';
import { expandPanel, legendOf, panelsOf, resolveVariables } from '../../src/signal/dashboard.ts';
import type { Prometheus } from '../../src/signal/series.ts';

const target = (expr: string, more: object = {}) => ({ refId: 'A', expr, ...more });
const panel = (title: string, y: number, more: object = {}) => ({
  id: y,
  type: 'timeseries',
  title,
  gridPos: { x: 0, y, w: 12, h: 8 },
  targets: [target('up')],
  ...more,
});

/** Answers label values as they are given by name of the label. */
const prometheus = (values: Record<string, string[]> = {}) => {
  const asked: string[] = [];
  const client = {
    labelValues: async (label: string, match: string[]) => {
      asked.push(`${label} of ${match.join()}`);
      return values[label] ?? [];
    },
  } as unknown as Prometheus;
  return { client, asked };
};
const variable = (name: string, more: object) => ({ name, type: 'query', ...more });
const modelWith = (...list: object[]) => ({ model: { templating: { list } } });

async function expand(
  expr: string,
  list: object[],
  values: Record<string, string[]> = {},
  more: object = {},
) {
  const variables = await resolveVariables(modelWith(...list), prometheus(values).client);
  const [shown] = panelsOf({ model: { panels: [panel('p', 0, { targets: [target(expr, more)] })] } });
  return expandPanel(shown!, variables, { start: 0, end: 3600 }, 30)[0]!;
}

describe('the panels of a dashboard', () => {
  it('come in reading order, also those of rows', () => {
    const model = {
      panels: [
        panel('below', 30),
        { type: 'row', title: 'Open', collapsed: false, gridPos: { y: 9 }, panels: [] },
        panel('in the open row', 10),
        panel('first', 0),
        { type: 'row', title: 'Closed', collapsed: true, gridPos: { y: 20 }, panels: [panel('hidden', 21)] },
      ],
    };
    expect(panelsOf({ model }).map(({ title, row, collapsed }) => [title, row, collapsed])).toEqual([
      ['first', '', false],
      ['in the open row', 'Open', false],
      ['hidden', 'Closed', true],
      ['below', 'Closed', false],
    ]);
  });

  it('of before Grafana 5 are in rows', () => {
    const model = { rows: [{ title: 'Row', panels: [{ title: 'old', targets: [target('up')] }] }] };
    expect(panelsOf({ model })).toMatchObject([{ title: 'old', row: 'Row' }]);
  });

  it('may be of a library, with their model or without', () => {
    const model = {
      panels: [
        { gridPos: { y: 0 }, libraryPanel: { uid: 'u', name: 'Shared' } },
        { gridPos: { y: 1 }, libraryPanel: { uid: 'v', name: 'Inline', model: panel('Inline', 0) } },
      ],
    };
    const [without, inline] = panelsOf({ model });
    expect(without).toMatchObject({ title: 'Shared', library: 'Shared', targets: [] });
    expect(inline).toMatchObject({ title: 'Inline', targets: [{ expr: 'up' }] });
    expect(inline).not.toHaveProperty('library');
  });

  it('have units and thresholds, and no targets of other data sources', () => {
    const defaults = {
      unit: 's',
      thresholds: {
        steps: [
          { value: null, color: 'green' },
          { value: 1, color: 'red' },
        ],
      },
    };
    const model = {
      panels: [panel('p', 0, { fieldConfig: { defaults }, targets: [{ refId: 'A', query: 'loki' }] })],
    };
    expect(panelsOf({ model })[0]).toMatchObject({
      unit: 's',
      thresholds: [
        { value: null, color: 'green' },
        { value: 1, color: 'red' },
      ],
      targets: [],
    });
  });
});

describe('a variable', () => {
  const query = 'label_values(up, namespace)';
  const saved = (value: unknown) => ({ current: { value } });

  it.each([
    ['keeps what was saved while it is there', { query, ...saved('shop') }, 'shop'],
    ['takes the first option if what was saved is gone', { query, ...saved('old') }, 'a.b'],
    [
      'of several values is a regular expression',
      { query, multi: true, ...saved(['shop', 'batch']) },
      '(shop|batch)',
    ],
    ['of one out of several is escaped twice', { query, multi: true, ...saved(['a.b']) }, 'a\\\\.b'],
    ['of all has every option', { query, includeAll: true, ...saved('$__all') }, '(a\\\\.b|batch|shop)'],
    [
      'of all with its own value has that as it is',
      { query, includeAll: true, allValue: '.*', ...saved(['$__all']) },
      '.*',
    ],
    ['is filtered by its regex', { query, regex: '/^(sh)op$/' }, 'sh'],
    ['that is a constant', { type: 'constant', query: 'fix' }, 'fix'],
    ['that is custom', { type: 'custom', query: 'one,two : 2', current: { value: '2' } }, '2'],
  ])('%s', async (_, more, wanted) => {
    const { expr, unresolved } = await expand('x{n=~"$n"}', [variable('n', more)], {
      namespace: ['shop', 'batch', 'a.b'],
    });
    expect(unresolved).toEqual([]);
    expect(expr).toBe(`x{n=~"${wanted}"}`);
  });

  it('that was saved empty stays empty: it means the series without the label', async () => {
    const { expr } = await expand('x{cluster="$cluster"}', [
      variable('cluster', { query: 'label_values(up, cluster)', current: { value: '' } }),
    ]);
    expect(expr).toBe('x{cluster=""}');
  });

  it('without any value is reported', async () => {
    const { unresolved } = await expand('x{n="$n", m="$other"}', [variable('n', { query })]);
    expect(unresolved).toEqual(['n', 'other']);
  });

  it('that depends on another is asked after it', async () => {
    const { client, asked } = prometheus({ namespace: ['shop'], pod: ['p-1'] });
    const pod = variable('pod', { query: 'label_values(up{namespace="$ns"}, pod)' });
    const ns = variable('ns', { query: 'label_values(up, namespace)' });
    const { values } = await resolveVariables(modelWith(pod, ns), client);
    expect(asked).toEqual(['namespace of up', 'pod of up{namespace="shop"}']);
    expect(values.pod?.values).toEqual(['p-1']);
  });

  it('can be overridden', async () => {
    const { client } = prometheus({ namespace: ['shop'] });
    const model = modelWith(variable('namespace', { query: 'label_values(up, namespace)' }));
    const { values } = await resolveVariables(model, client, { overrides: { namespace: 'batch' } });
    expect(values.namespace?.values).toEqual(['batch']);
  });
});

describe('a query', () => {
  const n = variable('n', { type: 'custom', query: 'a,b', multi: true, current: { value: ['a', 'b'] } });

  it.each([
    ['$n', '(a|b)'],
    ['${n}', '(a|b)'],
    ['[[n]]', '(a|b)'],
    ['${n:csv}', 'a,b'],
    ['${n:pipe}', 'a|b'],
    ['[[n:pipe]]', 'a|b'],
    ['${n:json}', '["a","b"]'],
    ['${n:singlequote}', "'a','b'"],
    ['${n:doublequote}', '"a","b"'],
    ['${n:glob}', '{a,b}'],
  ])('fills %s', async (written, wanted) => {
    expect((await expand(written, [n])).expr).toBe(wanted);
  });

  it.each([
    ['rate(x[$__rate_interval])', 'rate(x[60s])', {}],
    ['rate(x[$__rate_interval])', 'rate(x[240s])', { interval: '1m' }],
    ['rate(x[$__interval])', 'rate(x[30s])', {}],
    ['rate(x[$__interval])', 'rate(x[60s])', { interval: '1m' }],
    ['increase(x[$__range])', 'increase(x[3600s])', {}],
    ['x * $__range_s + ${__interval_ms}', 'x * 3600 + 30000', {}],
    ['label_replace(x, "a", "$1", "b", "(.*)")', 'label_replace(x, "a", "$1", "b", "(.*)")', {}],
  ])('%s becomes %s', async (written, wanted, more) => {
    const { expr, unresolved } = await expand(written, [], {}, more);
    expect([expr, unresolved]).toEqual([wanted, []]);
  });
});

describe('a legend', () => {
  it('fills labels, or is the labels', () => {
    expect(legendOf('{{pod}} {{ code }}', { pod: 'a', code: '500' })).toBe('a 500');
    expect(legendOf('', { __name__: 'up', job: 'x' })).toBe('up{job="x"}');
    expect(legendOf('__auto', {})).toBe('');
  });
});
