import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/errors.ts';
import { measureParams } from '../../src/scenario/params.ts';
import { changed, haymaker, parse } from './fixtures.ts';

const texts = (source: string, params?: Record<string, unknown>) =>
  parse(source, params).problems.map(describeError);

describe('a scenario', () => {
  it('as the design has it is read whole', () => {
    const { scenario, problems } = parse(haymaker);
    expect(problems).toEqual([]);
    expect(scenario).toMatchObject({
      title: 'Paying takes forever',
      stack: { name: 'shop' },
      timeout: 1_200_000,
      faults: [
        {
          id: 'flood',
          type: 'load',
          spec: { rate: 600, replicas: 2, path: '/quote' },
          effect: { within: 60_000, promql: { above: 0.5 } },
        },
      ],
      oracle: { sustained: 30_000 },
      alerts: { expected: [{ name: 'CheckoutLatencyHigh', or: [], within: 90_000, weight: 1 }] },
      panels: {
        expected: [{ dashboard: 'shop-overview', panel: 'Checkout latency' }, { dashboard: 'shop-overview' }],
      },
      diagnosis: { origin: 'job.batch/batch/report-export' },
      playbook: { with: { culprit: 'job.batch/batch/report-export' } },
    });
    expect(scenario?.oracle.all?.[2]).toEqual({
      id: 'source-stopped',
      stopped: { ref: 'job.batch/batch/report-export' },
    });
  });

  it('takes given params instead of its own', () => {
    const { scenario } = parse(haymaker, { rate: 5, culprit: 'job.batch/batch/other' });
    expect(scenario).toMatchObject({
      faults: [{ spec: { rate: 5 } }],
      diagnosis: { origin: 'job.batch/batch/other' },
    });
  });

  it('tells a typo, a wrong type and a missing key at once', () => {
    const source = changed(['hints:', 'hnts:'], ['difficulty: 2', 'difficulty: two'], ['title: ', 'titel: ']);
    expect(texts(source)).toEqual([
      'scenarios/haymaker.yaml:1:1: Expected the key "title" (a text), but it is missing.',
      'scenarios/haymaker.yaml:4:1: Unknown key "titel".\n  Did you mean "title"?',
      'scenarios/haymaker.yaml:5:13: Expected a number for difficulty, got "two".',
      'scenarios/haymaker.yaml:47:1: Unknown key "hnts".\n  Did you mean "hints"?',
    ]);
  });

  it.each([
    [
      'a fault type that is not known',
      [['    load:\n', '    laod:\n']],
      /^[^\n]*:17:5: Unknown key "laod" in faults\[0\]\.\n {2}Did you mean "load"\?/,
    ],
    ['a wrong type inside a fault', [['path: /quote', 'path: quote']], /faults\[0\]\.load\.path|path/],
    [
      'an unknown key inside a fault',
      [['path: /quote', 'paht: /quote']],
      /Unknown key "paht" in faults\[0\]\.load\.\n {2}Did you mean "path"\?/,
    ],
    [
      'a param that is not known',
      [['rate: ${rate}', 'rate: ${rat}']],
      /20:13: Nothing is known by the name \$\{rat\}\.\n {2}Did you mean "rate"\?/,
    ],
    [
      'a check that is not known',
      [
        [
          "promql: { query: 'shop:checkout:p95_seconds', below: 0.25 }\nfaults",
          'promqll: { query: x, below: 1 }\nfaults',
        ],
      ],
      /Unknown key "promqll" in steadyState\[0\]/,
    ],
    [
      'a check of the future',
      [['workload: { ref: deployment/shop/checkout, available: baseline }', 'sql: { query: x }']],
      /not supported yet/,
    ],
    ['a bound that is missing', [['below: 0.25 }\nfaults', 'unit: s }\nfaults']], /exactly one bound/],
    [
      'a duration that is none',
      [['within: 60s', 'within: 60']],
      /Expected a text for faults\[0\]\.effect\.within/,
    ],
    ['a duration with a wrong unit', [['within: 60s', 'within: 60x']], /Expected a duration, got "60x"/],
    ['a reference that is none', [["origin: '${culprit}'", 'origin: report-export']], /Expected a reference/],
    [
      'an apiVersion of the future',
      [['misfortune/v1', 'misfortune/v9']],
      /1:13: Expected "misfortune\/v1" for apiVersion/,
    ],
    [
      'an id that is there twice',
      [['faults:\n', '  - { id: fast, absent: { ref: pod/x } }\nfaults:\n']],
      /The id "fast" is used twice/,
    ],
    [
      'an id that is there twice in an oracle',
      [['  all:\n', '  all:\n    - { id: fast, absent: { ref: pod/x } }\n']],
      /The id "fast" is used twice/,
    ],
    [
      'bounds that no value can keep',
      [['below: 0.25', 'below: 0.25, above: 0.98']],
      /No value is above 0\.98 and below 0\.25/,
    ],
  ] as [string, [string, string][], RegExp][])('refuses %s', (_, changes, message) => {
    expect(texts(changed(...changes)).join('\n')).toMatch(message);
  });

  it('reports a param that is not known only once', () => {
    expect(texts(changed(['rate: ${rate}', 'rate: ${rat}']))).toHaveLength(1);
  });

  it('refuses params that use each other in a circle', () => {
    const source = changed(['params: { rate: 600', "params: { a: '${b}', b: 'x ${a}', rate: 600"]);
    expect(texts(source)).toEqual([
      'scenarios/haymaker.yaml:9:14: Params use each other in a circle: a → b → a.',
    ]);
  });

  it('refuses a given param that it does not have', () => {
    expect(texts(haymaker, { ratte: 1 })[0]).toMatch(/no param "ratte"\.\n {2}Did you mean "rate"\?/);
  });

  it('fills params that use each other', () => {
    const source = changed(
      ['culprit: job.batch/batch/report-export', "job: report-export, culprit: 'job.batch/batch/${job}'"],
      ["run: ['kubectl -n batch delete job report-export']", "run: 'kubectl delete ${culprit}'"],
      ['name: report-export, namespace: batch', "name: '${culprit.name}', namespace: '${culprit.namespace}'"],
    );
    const { scenario } = parse(source, { job: 'price-list' });
    expect(scenario).toMatchObject({
      fixes: [{ run: ['kubectl delete -n batch job.batch/price-list'] }, {}],
      faults: [{ spec: { disguise: { name: 'price-list', namespace: 'batch' } } }],
    });
  });

  it('checks everything else while a param is not measured yet', () => {
    const source = changed(
      ['rate: 600', "rate: { promql: 'sum(rate(x[1m]))', times: 3, plus: 100 }"],
      ['hints', 'hnts'],
    );
    const { unmeasured, problems } = parse(source);
    expect(unmeasured).toEqual(['rate']);
    expect(problems.map(({ code }) => code)).toEqual(['unknown-key']);
  });
});

describe('a measured param', () => {
  const source = changed([
    'rate: 600, replicas: 2',
    "rate: { promql: 'sum(up)', times: 3, plus: 1 }, replicas: { field: { ref: deployment/shop/checkout, path: spec.replicas } }",
  ]);
  const { document } = parse(source);
  const cluster = {
    get: async () => ({ apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, spec: { replicas: 4 } }),
  };
  const measure = (values: { value: number }[]) => {
    const prometheus = { query: async () => values };
    return measureParams(document, {}, { cluster, prometheus } as unknown as Parameters<
      typeof measureParams
    >[2]);
  };

  it('is measured, multiplied and added to', async () => {
    const params = await measure([{ value: 7 }]);
    expect(params).toEqual({ rate: 22, replicas: 4 });
    expect(parse(source, params).scenario).toMatchObject({ faults: [{ spec: { rate: 22, replicas: 4 } }] });
  });

  it('without a value is refused before anything is touched', async () => {
    await expect(measure([])).rejects.toMatchObject({
      code: 'unmeasurable-param',
      exitCode: 3,
      place: { line: 9 },
    });
  });
});
