import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type PanelQuery, readPanels } from '../../../src/signal/dashboard/read.ts';
import { connectGrafana } from '../../../src/signal/grafana.ts';
import { connectPrometheus } from '../../../src/signal/prometheus.ts';
import { type Asked, answering } from '../http-server.ts';

const good = (data: unknown) => ({ body: { status: 'success', data } });
const labels: Record<string, string[]> = {
  namespace: ['a.b', 'batch', 'shop'],
  pod: ['p-1'],
  __name__: ['go_threads', 'node_load1', 'up'],
};
let labelValues = labels;
const server = await answering(({ path, parameters }: Asked) => {
  const label = /label\/(\w+)\/values/.exec(path)?.[1];
  if (label) return good(labelValues[label] ?? []);
  if (path.endsWith('/labels')) return good(['__name__', 'job']);
  if (path.endsWith('/series')) return good([{ __name__: 'up', job: 'a' }]);
  if (path.endsWith('/targets')) return good({ activeTargets: [] });
  if (path.endsWith('/query'))
    return parameters.get('query')?.includes('bad')
      ? { status: 400, body: { status: 'error', errorType: 'bad_data', error: 'no' } }
      : good({ resultType: 'vector', result: [{ metric: { __name__: 'up', job: 'a' }, value: [1, '2'] }] });
  if (path === '/api/user') return { body: { id: 7, login: 'ada', email: 'ada@x.example' } };
  if (path === '/api/org') return { body: { id: 1, name: 'Main' } };
  if (path === '/api/datasources')
    return {
      body: [
        { uid: 'p', name: 'Metrics', type: 'prometheus', isDefault: true },
        { uid: 'l', name: 'Logs', type: 'loki' },
      ],
    };
  return { status: 404, body: { message: 'not found' } };
});
afterAll(() => server.close());
afterEach(() => {
  labelValues = labels;
  server.asked.length = 0;
});

type Variable = Record<string, unknown>;
const variable = (name: string, more: object): Variable => ({ name, type: 'query', ...more });
const prometheus = connectPrometheus({ url: server.url });

async function read(expr: string, list: Variable[], more: object = {}, overrides?: Record<string, string>) {
  const panel = { id: 1, type: 'timeseries', title: 'p', targets: [{ refId: 'A', expr, ...more }] };
  const dashboard = {
    ...{ uid: 'u', title: 'Board' },
    model: { templating: { list }, panels: [panel] },
  };
  const grafana = connectGrafana({ url: server.url });
  const range = { start: 0, end: 3600 };
  const [shown] = await readPanels(dashboard, { prometheus, grafana, range, step: 30, overrides });
  return shown?.queries[0] as PanelQuery;
}

const asked = () => server.asked.filter(({ path }) => path.includes('/label/'));

describe('a variable', () => {
  const query = 'label_values(up, namespace)';
  const saved = (value: unknown, text: unknown = value) => ({ current: { value, text } });

  it.each<[string, object, string]>([
    ['keeps what was saved while it is there', { query, ...saved('shop') }, 'shop'],
    ['takes the first option if what was saved is gone', { query, ...saved('old') }, 'a.b'],
    [
      'of several values is a regular expression',
      { query, multi: true, ...saved(['shop', 'batch']) },
      '(shop|batch)',
    ],
    ['of one out of several is escaped twice', { query, multi: true, ...saved(['a.b']) }, 'a\\\\.b'],
    ['of all has every option', { query, includeAll: true, ...saved('$__all') }, '(a\\\\.b|batch|shop)'],
    ['with All and nothing saved is All', { query, includeAll: true }, '(a\\\\.b|batch|shop)'],
    [
      'with All whose value is gone is All',
      { query, includeAll: true, ...saved('x') },
      '(a\\\\.b|batch|shop)',
    ],
    [
      'of all with its own value has that as it is',
      { query, includeAll: true, allValue: '.*', ...saved(['$__all']) },
      '.*',
    ],
    ['saved as All that cannot be chosen any more is the first', { query, ...saved('$__all') }, 'a.b'],
    ['is filtered by its regex, whole where it has no group', { query, regex: '/^sh/' }, 'shop'],
    ['is the first group of its regex', { query, regex: '/^(sh)op$/' }, 'sh'],
    ['is the group "value" of its regex', { query, regex: '/(?<text>sh)(?<value>op)/' }, 'op'],
    ['has a regex for the whole word without slashes', { query, regex: 'ba.*' }, 'batch'],
    ['is sorted as it says', { query, sort: 2 }, 'shop'],
    ['asks for metrics', { query: 'metrics(node_)' }, 'node_load1'],
    ['asks for the names of labels', { query: 'label_names()', regex: '/j.*/' }, 'job'],
    ['asks for a label of everything', { query: 'label_values(pod)' }, 'p-1'],
    ['asks for the result of a query', { query: 'query_result(up)', regex: '/job="(.*?)"/' }, 'a'],
    ['is the series that a plain query selects', { query: 'up', regex: '/job="(.*?)"/' }, 'a'],
    ['has its query in an object', { query: { query, refId: 'x' }, ...saved('shop') }, 'shop'],
    ['that is a constant', { type: 'constant', query: 'fix' }, 'fix'],
    ['that is custom', { type: 'custom', query: 'one,two : 2', ...saved('2') }, '2'],
    ['that is custom, by its text', { type: 'custom', query: 'one,two : 2', ...saved('two') }, '2'],
    ['that is custom, with a comma', { type: 'custom', query: 'a\\,b,c' }, 'a,b'],
    ['that is a text box', { type: 'textbox', query: 'first', ...saved('typed') }, 'typed'],
    ['that is an empty text box', { type: 'textbox', query: '' }, ''],
    ['that is an interval', { type: 'interval', query: '1m,5m', ...saved('5m') }, '5m'],
    ['that is an interval without choice', { type: 'interval', query: '1m,5m' }, '1m'],
    ['that is an automatic interval', { type: 'interval', query: '1m', auto: true, ...saved('auto') }, '2m'],
    [
      'that is an automatic interval of its own count',
      { type: 'interval', auto: true, auto_count: 10, ...saved('$__auto_interval_n') },
      '5m',
    ],
    [
      'that is an automatic interval with a minimum',
      { type: 'interval', auto: true, auto_min: '1h', ...saved('$__auto') },
      '1h',
    ],
    ['that is a data source', { type: 'datasource', query: 'prometheus' }, 'p'],
    [
      'that is the default data source',
      { type: 'datasource', query: 'prometheus', ...saved('default') },
      'p',
    ],
    ['keeps its value when its query fails', { query: 'query_result(bad)', ...saved('kept') }, 'kept'],
  ])('%s', async (_, more, wanted) => {
    const { expr, left } = await read('x{n=~"$n"}', [variable('n', more)]);
    expect(left).toBeUndefined();
    expect(expr).toBe(`x{n=~"${wanted}"}`);
  });

  it('without current and options is empty: it means the series without the label', async () => {
    for (const more of [{}, saved(''), saved('prod-1'), { multi: true }, { includeAll: true }]) {
      const cluster = variable('cluster', { query: 'label_values(up, cluster)', ...more });
      expect((await read('x{cluster="$cluster"}', [cluster])).expr).toBe('x{cluster=""}');
    }
  });

  it.each<[string, object, string]>([
    ['a query that is refused', { query: 'query_result(bad)' }, 'Prometheus refuses query_result(bad)'],
    ['a pattern that does not compile', { query, regex: '/(/' }, 'the pattern /(/ does not compile'],
    [
      'a query of another source',
      { query: 'label_values(job)', datasource: { type: 'loki', uid: 'l' } },
      'label_values(job) is a query of another source (Logs, loki)',
    ],
    ['a variable that it needs', { query: 'label_values(up{x="$gone"}, pod)' }, 'no value for $gone'],
  ])('without a value for %s is named with the reason', async (_, more, reason) => {
    const { left } = await read('x{n="$n"}', [variable('n', more)]);
    expect(left).toEqual({ outcome: 'not asked', why: `no value for $n: ${reason}` });
  });

  it('that nobody knows is named', async () => {
    expect((await read('x{n="$n"}', [])).left?.why).toBe('no value for $n');
  });

  it('that depends on another is asked after it', async () => {
    const pod = variable('pod', { query: 'label_values(up{namespace="$ns"}, pod)' });
    const ns = variable('ns', { query: 'label_values(up, namespace)', ...saved('shop') });
    expect((await read('x{pod="$pod"}', [pod, ns])).expr).toBe('x{pod="p-1"}');
    expect(asked().map(({ parameters }) => parameters.get('match[]'))).toEqual([
      'up',
      'up{namespace="shop"}',
    ]);
  });

  it('can be overridden', async () => {
    const ns = variable('namespace', { query });
    expect((await read('$namespace', [ns], {}, { namespace: 'batch' })).expr).toBe('batch');
    expect(asked()).toEqual([]);
  });

  it('of ad-hoc filters is in every selector', async () => {
    const filters = [{ key: 'job', operator: '=~', value: 'a|b' }];
    const { expr } = await read('sum(up{x="1"}) / rate(y[1m])', [variable('f', { type: 'adhoc', filters })]);
    expect(expr).toBe('sum(up{x="1",job=~"a|b"}) / rate(y{job=~"a|b"}[1m])');
  });
});

describe('a query', () => {
  const n = variable('n', { type: 'custom', query: 'a,b', multi: true, current: { value: ['a', 'b'] } });
  const one = variable('one', { type: 'custom', query: 'Shop : s p/1' });

  it.each([
    ['$n', '(a|b)'],
    ['${n}', '(a|b)'],
    ['[[n]]', '(a|b)'],
    ['${n:csv}', 'a,b'],
    ['${n:raw}', 'a,b'],
    ['${n:pipe}', 'a|b'],
    ['[[n:pipe]]', 'a|b'],
    ['${n:regex}', '(a|b)'],
    ['${n:json}', '["a","b"]'],
    ['${n:singlequote}', "'a','b'"],
    ['${n:doublequote}', '"a","b"'],
    ['${n:sqlstring}', "'a','b'"],
    ['${n:glob}', '{a,b}'],
    ['${n:distributed}', 'a,n=b'],
    ['${n:lucene}', '("a" OR "b")'],
    ['${n:queryparam}', 'var-n=a&var-n=b'],
    ['${n:customqueryparam:m:x}', 'm=xa&m=xb'],
    ['${n:join: or }', 'a or b'],
    ['${n:percentencode}', '%7Ba%2Cb%7D'],
    ['${n:nobody-knows-it}', '{a,b}'],
    ['${one:text}', 'Shop'],
    ['${one.text}', 'Shop'],
    ['${one:uriencode}', 's%20p/1'],
    ['${one:percentencode}', 's%20p%2F1'],
    ['${one:regex}', 's p\\/1'],
    ['${__from:date}', '1970-01-01T00:00:00.000Z'],
    ['${__to:date:seconds}', '3600'],
    ['${__to:date:YYYY-MM-DD HH:mm}', '1970-01-01 01:00'],
    ['$__from', '0'],
    ['$__dashboard ${__dashboard.uid}', 'Board u'],
    ['$__user ${__user.login} ${__org.name}', '7 ada Main'],
    ['$__timezone', 'browser'],
  ])('fills %s', async (written, wanted) => {
    expect((await read(written, [n, one])).expr).toBe(wanted);
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
    const { expr, left } = await read(written, [], more);
    expect([expr, left]).toEqual([wanted, undefined]);
  });

  it.each([['$timeFilter'], ['$__nobody']])(
    'with %s, which means nothing here, is not asked',
    async (word) => {
      expect((await read(`x{a="${word}"}`, [])).left?.why).toBe(`no value for ${word}`);
    },
  );
});

describe('the data source of a target', () => {
  const source = variable('ds', { type: 'datasource', query: 'prometheus' });
  it.each<[string, unknown, boolean]>([
    ['is a uid', { type: 'prometheus', uid: 'p' }, true],
    ['is a variable', { type: 'prometheus', uid: '${ds}' }, true],
    ['is a variable, in the old form', '$ds', true],
    ['is a name', 'Metrics', true],
    ['is the default one', null, true],
    ['is an input of an export that nobody filled in', '${DS_PROMETHEUS}', true],
    ['is Loki by uid', { uid: 'l' }, false],
    ['is Loki by name', 'Logs', false],
    ['is not there', { type: 'prometheus', uid: 'gone' }, false],
    ['is of a type that nobody has', { type: 'jaeger', uid: 'j' }, false],
  ])('%s', async (_, datasource, isOurs) => {
    const { left, prometheus: whom } = await read('up', [source], { datasource });
    expect(left === undefined).toBe(isOurs);
    if (isOurs) expect(whom).toBe(prometheus);
  });
});
