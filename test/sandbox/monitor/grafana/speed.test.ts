import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../../src/paths.ts';
import { parse } from '../../../../src/promql/syntax/parse.ts';
import { expressionAtSpeed } from '../../../../src/rules/speed.ts';
import { dashboardAtSpeed } from '../../../../src/sandbox/monitor/grafana/speed.ts';

const ofTarget = (expr: string, speed = 5) =>
  (
    dashboardAtSpeed({ panels: [{ targets: [{ expr }] }] }, speed) as {
      panels: { targets: { expr: string }[] }[];
    }
  ).panels[0]!.targets[0]!.expr;

describe('a dashboard at speed 5', () => {
  it.each([
    ['rate(x[1m])', 'rate(x[12s])'],
    ['rate(x[ 5m ] offset 1h)', 'rate(x[1m] offset 12m)'],
    ['x offset -10m', 'x offset -2m'],
    ['max_over_time(rate(x[5m])[1h:1m])', 'max_over_time(rate(x[1m])[12m:12s])'],
    ['max_over_time(x[1h:])', 'max_over_time(x[12m:])'],
    ['rate(x[$__rate_interval])', 'rate(x[$__rate_interval])'],
    ['x{a="[5m]", b=\'offset 5m\'} # [5m]', 'x{a="[5m]", b=\'offset 5m\'} # [5m]'],
    ['x_5m > 5', 'x_5m > 5'],
  ])('%s becomes %s', (written, wanted) => {
    // Spaces inside brackets mean nothing.
    expect(ofTarget(written).replace(/\[\s*|\s*\]/g, (part) => part.trim())).toBe(wanted);
  });

  it('has its minimum steps and its choices of intervals divided, and nothing else', () => {
    const model = {
      title: '[5m]',
      panels: [{ interval: '1m', targets: [{ expr: 'x', interval: '>30s', legendFormat: '5m' }] }],
      templating: {
        list: [
          { type: 'interval', query: '5m,1h', current: { value: '5m' }, options: [{ value: '1h' }] },
          { type: 'query', query: 'query_result(rate(x[5m]))' },
        ],
      },
    };
    expect(dashboardAtSpeed(model, 5)).toEqual({
      title: '[5m]',
      panels: [{ interval: '12s', targets: [{ expr: 'x', interval: '>6s', legendFormat: '5m' }] }],
      templating: {
        list: [
          { type: 'interval', query: '1m,12m', current: { value: '1m' }, options: [{ value: '12m' }] },
          { type: 'query', query: 'query_result(rate(x[1m]))' },
        ],
      },
    });
  });

  it('has, in every query of the shop, the windows that a rule with the same expression has', () => {
    const folder = join(packageRoot, 'src/shop/dashboards');
    const written = readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/"expr": ("(?:\\.|[^"\\])*")/g)].map(
        ([, text]) => JSON.parse(text!) as string,
      ),
    );
    expect(written.length).toBeGreaterThan(20);
    for (const expr of written)
      expect(withoutPlaces(parse(ofTarget(expr)))).toEqual(withoutPlaces(expressionAtSpeed(parse(expr), 5)));
  });

  it('is as it is at speed 1', () => {
    expect(ofTarget('rate(x[1m])', 1)).toBe('rate(x[1m])');
  });
});

/** Where in the text a part stands says nothing of what it means. */
function withoutPlaces(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, one: unknown) =>
      /^(from|to|at|start|end|position|bareTo)$/.test(key) ? undefined : one,
    ),
  );
}
