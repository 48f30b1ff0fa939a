import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { LabelSet } from '../../../src/promql/series/labels.ts';
import { readRuleFile } from '../../../src/rules/file.ts';
import { RuleGroup } from '../../../src/rules/group.ts';
import { onStorage } from '../../../src/sandbox/monitor/rules/run.ts';
import { Storage } from '../../../src/sandbox/monitor/tsdb/storage.ts';
import { skipsWithout } from './installed.ts';

const PROMTOOL = 'promtool';

const RULES = readFileSync(new URL('rules.yml', import.meta.url), 'utf8');
/** One value a minute, as promtool writes them; \`_\` is a missing sample. */
const SERIES: { labels: Record<string, string>; values: (number | undefined)[] }[] = [
  {
    labels: { app: 'shop', pod: 'ab-1' },
    values: [5, 20, 20, 20, 5, 1234567.891, 0.00123, 30, 30, 30, 30, 3],
  },
  {
    labels: { app: 'shop', pod: 'ab-2' },
    values: [30, 30.5, 30.25, 3723, 3723, 90061, 11, undefined, undefined, 12, 12, 12],
  },
  {
    labels: { app: 'edge', pod: 'ac-1' },
    values: [11, 11, 10.5, 1234.5, 1235.5, 123456, 999999.5, 1e15, 86400, 20.125, 12.5, 61.5],
  },
];

describe('alerting rules behave as those of the real Prometheus', () => {
  const skip = skipsWithout(PROMTOOL, 'prometheus');
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'real-rules-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.skipIf(skip)(
    'promtool finds every alert, label and annotation as we make them, minute by minute',
    () => {
      const text = RULES;
      const alertTests = ours(text);
      expect(alertTests.flatMap(({ exp_alerts: alerts }) => alerts).length).toBeGreaterThan(20);
      const file = join(folder, 'test.yml');
      writeFileSync(join(folder, 'rules.yml'), text);
      const run = (tests: typeof alertTests) => {
        const series = SERIES.map(({ labels, values }) => ({
          series: String(LabelSet.from({ __name__: 'm', ...labels })),
          values: values.map((value) => value ?? '_').join(' '),
        }));
        writeFileSync(
          file,
          stringify({
            rule_files: ['rules.yml'],
            evaluation_interval: '1m',
            tests: [{ interval: '1m', input_series: series, alert_rule_test: tests }],
          }),
        );
        return spawnSync(PROMTOOL, ['test', 'rules', file], { encoding: 'utf8' });
      };
      const { status, stdout, stderr } = run(alertTests);
      expect(`${stdout}${stderr}`).toContain('SUCCESS');
      expect(status).toBe(0);
      // The comparison can fail.
      const wrong = structuredClone(alertTests);
      wrong.find(({ exp_alerts: alerts }) => alerts.length > 0)!.exp_alerts.pop();
      expect(run(wrong).status).not.toBe(0);
    },
  );
});

/** What our rules make of the series at each minute. */
function ours(text: string) {
  const storage = new Storage();
  let now = 0;
  const [definition] = readRuleFile(text, 'rules.yml', { defaultIntervalMs: 60_000 });
  const group = new RuleGroup(definition!, { ...onStorage(storage), onAlerts: () => {} });
  return SERIES[0]!.values.flatMap((_, minute) => {
    now = minute * 60_000;
    for (const { labels, values } of SERIES) {
      const value = values[minute];
      if (value !== undefined) storage.append(LabelSet.from({ __name__: 'm', ...labels }), now, value);
    }
    group.evaluate(now);
    return group.rules.flatMap(({ alerting, definition: { name } }) => {
      if (!alerting) return [];
      const alerts = alerting.alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels, annotations }) => ({
          exp_labels: Object.fromEntries([...labels].filter(([label]) => label !== 'alertname')),
          exp_annotations: annotations,
        }));
      return [{ eval_time: `${minute}m`, alertname: name, exp_alerts: alerts }];
    });
  });
}
