import { describe, expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import { describeError, MisfortuneError } from '../../src/errors.ts';
import { faultSchemas } from '../../src/fault/types/registry.ts';
import { lintAsked } from '../../src/scenario/lint-asked.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { scenarioText } from '../game/small-cluster.ts';

const series: Record<string, string>[] = [
  { __name__: 'up', job: 'checkout', namespace: 'shop', pod: 'till-a' },
  { __name__: 'up', job: 'edge', namespace: 'shop', pod: 'till-b' },
  { __name__: 'requests_total', code: '200', namespace: 'shop' },
  { __name__: 'shop:served', kind: 'all' },
];
const of = ([metric]: string[]) =>
  series.filter(({ __name__ }) => metric === undefined || metric === __name__);
const source = {
  query: async (query: string) => {
    if (query !== 'limitk(1, up)') return [];
    const said = 'invalid parameter "query": 1:1: parse error: limitk() is experimental';
    throw new MisfortuneError('prometheus-error', `Prometheus says: ${said} (query: ${query}).`);
  },
  labelNames: async (match: string[]) => [...new Set(of(match).flatMap((one) => Object.keys(one)))],
  labelValues: async (label: string, match: string[]) => [
    ...new Set(of(match).flatMap((one) => one[label] ?? [])),
  ],
};

async function lint(query: string): Promise<string[]> {
  const text = scenarioText.replace(/query: ('[^']*'|[^,}]+)/, () => `query: '${query}'`);
  expect(text).toContain(query);
  const parsed = parseScenario(parseSource('s.yaml', text).document!, { faultSchemas });
  expect(parsed.problems).toEqual([]);
  const found = await lintAsked(parsed, source, { alerts: ['EdgeErrorRatio'] });
  return found.map(describeError);
}

describe('case S12: what a query asks of a running Prometheus', () => {
  it.each([
    [
      'up{job="chekout"}',
      /^s\.yaml:\d+:\d+: No series of up has job="chekout"\.\n {2}Did you mean "checkout"\?/,
    ],
    ['up{namespace="shp"}', /Did you mean "shop"\?/],
    ['up{job=~"edge|chekout"}', /has job="chekout"/],
    ['{__name__="up", job="chekout"}', /has job="chekout"/],
    ['up{namespce="shop"}', /The series of up have no label "namespce"\.\n {2}Did you mean "namespace"\?/],
    [
      'shop:served{namespce="shop"}',
      /The series of shop:served have no label "namespce"\.\n {2}Known: kind\./,
    ],
    ['sum by (namespc) (up)', /No series here has a label "namespc"\.\n {2}Did you mean "namespace"\?/],
    [
      'ALERTS{alertname="EdgeErrorRatoi"}',
      /There is no alert "EdgeErrorRatoi"\.\n {2}Did you mean "EdgeErrorRatio"\?/,
    ],
    ['limitk(1, up)', /: Prometheus refuses the query: 1:1: parse error: limitk\(\) is experimental/],
  ])('%s is told at its place', async (query, words) => {
    expect(await lint(query)).toEqual([expect.stringMatching(words)]);
  });

  it.each([
    ['up{job="checkout",namespace!=""}'],
    // What comes with a fault is near something that is there, and no typo of it.
    ['requests_total{code="503"}'],
    ['up{pod="till-c"}'],
    ['up{job="storefront"}'],
    ['up{job=~"chekout.*"}'],
    ['sum by (namespc) (label_replace(up, "namespc", "$1", "namespace", "(.*)"))'],
    ['ALERTS{alertname="EdgeErrorRatio",alertstate="firing"}'],
    ['comes_with_the_fault{job="chekout"}'],
  ])('%s is fine', async (query) => {
    expect(await lint(query)).toEqual([]);
  });
});
