import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRuleFile } from '../../../../src/sandbox/monitor/rules/file.ts';
import { RuleGroup } from '../../../../src/sandbox/monitor/rules/group.ts';
import { SeriesWriter } from '../../../../src/sandbox/monitor/scrape/write.ts';
import { LabelSet } from '../../../../src/sandbox/monitor/tsdb/labels.ts';
import { Storage } from '../../../../src/sandbox/monitor/tsdb/storage.ts';
import { SteppedClock } from '../stepped-clock.ts';

const APPS = ['edge', 'storefront', 'checkout', 'worker', 'customers'];
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '+Inf'];

/** About 1500 series with the names that the shop's rules select. */
function shopSeries(): LabelSet[] {
  return APPS.flatMap((app) =>
    [1, 2, 3].flatMap((n) => {
      const pod = { app, pod: `${app}-${n}`, namespace: 'shop', job: app };
      const clients = ['a', 'b', 'c', 'd'];
      const names: Record<string, string>[] = [
        ...['200', '404', '500'].map((code) => ({ __name__: 'http_requests_total', code })),
        ...clients.map((client) => ({ __name__: 'request_total', direction: 'inbound', client })),
        ...['200', '500'].flatMap((code) =>
          clients.flatMap((client) =>
            BOUNDS.map((le) => ({ __name__: 'http_request_duration_seconds_bucket', le, code, client })),
          ),
        ),
        { __name__: 'process_cpu_seconds_total' },
        { __name__: 'checkout_cpu_limit_cores' },
        { __name__: 'worker_queue_oldest_seconds' },
      ];
      return names.map((labels) => LabelSet.from({ ...pod, ...labels }));
    }),
  );
}

test('all rules of the shop over 1500 series cost less than 20 ms of CPU', () => {
  const storage = new Storage();
  const clock = new SteppedClock();
  const series = shopSeries();
  expect(series.length).toBeGreaterThan(1400);
  const writer = new SeriesWriter(storage);
  for (let i = 0; i <= 120; i++) {
    writer.write(
      series.map((labels, n) => ({ labels, value: i * (n % 7) })),
      clock.now() + i * 5000,
    );
  }
  const folder = new URL('../../../../src/sandbox/shop/rules/', import.meta.url);
  const groups = readdirSync(folder)
    .flatMap((file) =>
      readRuleFile(readFileSync(new URL(file, folder), 'utf8'), file, { defaultIntervalMs: 15_000 }),
    )
    .map((definition) => new RuleGroup(definition, { storage, clock, limits: {}, onAlerts: () => {} }));
  const evaluate = (i: number) => {
    for (const group of groups) group.evaluate(clock.now() + 120 * 5000 + i * 1000);
  };
  // The first ones are compiled by the engine while they run.
  for (let i = 0; i < 10; i++) evaluate(i);
  const rounds = 20;
  const { user: before } = process.cpuUsage();
  for (let i = 10; i < 10 + rounds; i++) evaluate(i);
  const milliseconds = (process.cpuUsage().user - before) / 1000 / rounds;
  expect(
    storage.select([]).some(({ labels }) => labels.get('__name__') === 'shop:checkout:p95_seconds'),
  ).toBe(true);
  expect(milliseconds).toBeLessThan(20);
});
