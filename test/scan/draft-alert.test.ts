import { describe, expect, it } from 'vitest';
import { draftAlert } from '../../src/scan/draft-alert.ts';
import type { ScannedService } from '../../src/scan/services.ts';
import { syntaxProblem } from '../../src/signal/promql-syntax.ts';

const service: ScannedService = {
  namespace: 'billing',
  name: 'ledger-api',
  port: 80,
  pods: [{ name: 'ledger-api-7d4b9c6f5-x2x9k' }, { name: 'ledger-api-7d4b9c6f5-abcde' }],
};

/** A Prometheus that has these metrics of the service's pods, each with this value. */
const measuring = (metrics: string[], value = 0.1) => ({
  labelValues: async (_: string, [selector]: string[]) =>
    selector === '{namespace="billing",pod=~"(ledger-api)-.*"}' ? metrics : [],
  query: async () => [{ labels: {}, value, at: 0 }],
});

describe('an alert for a service that none covers', () => {
  it('is on its latency before its CPU, at twice what it is now', async () => {
    const metrics = ['container_cpu_usage_seconds_total', 'http_request_duration_seconds_bucket', 'up'];
    const drafted = await draftAlert(service, 'ledger-api-is-slow', measuring(metrics));
    expect(drafted?.rule).toMatchObject({
      name: 'LedgerApiSlow',
      labels: { owner: 'ledger-api' },
      annotations: { runbook_url: 'ledger-api-is-slow' },
      query:
        'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{namespace="billing",pod=~"(ledger-api)-.*"}[5m]))) > 0.2',
    });
    expect(syntaxProblem(drafted!.rule.query)).toBeUndefined();
    expect(drafted?.draft.file).toBe('rules/ledger-api.yaml');
    expect(drafted?.draft.text).toContain('- alert: LedgerApiSlow\n');
  });

  it('is on CPU where no latency is measured', async () => {
    const drafted = await draftAlert(service, 'x', measuring(['container_cpu_usage_seconds_total'], 0.4321));
    expect(drafted?.rule).toMatchObject({ name: 'LedgerApiBusy' });
    expect(drafted?.rule.query).toMatch(/ > 0\.86$/);
    expect(drafted?.because).toBe('measured 0.43 cores, alerts above 0.86 cores');
  });

  it('is not made up where nothing is measured, or nothing has a value now', async () => {
    expect(await draftAlert(service, 'x', measuring(['up']))).toBeUndefined();
    const idle = measuring(['container_cpu_usage_seconds_total'], Number.NaN);
    expect(await draftAlert(service, 'x', idle)).toBeUndefined();
  });
});

describe('an expression that does not parse', () => {
  it.each([
    ['sum(rate(x[1m])', 3, 'unclosed left parenthesis'],
    ['up{', 2, 'unclosed left brace'],
    ['rate(x[5m)', 9, 'unexpected ")"'],
    ['up{job="a}', 7, 'unterminated quoted string'],
    ['1 +', 3, 'unexpected end of input'],
    ['foo(x)', 0, 'unknown function with name "foo"'],
    ['a b', 2, 'unexpected identifier "b"'],
  ])('%s: is told where and why', (query, at, words) => {
    expect(syntaxProblem(query)).toEqual({ at, message: `parse error: ${words}` });
  });
});
