import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { runRules } from '../../src/backtest/run.ts';
import { BacktestStore } from '../../src/backtest/store.ts';
import { LabelSet } from '../../src/promql/series/labels.ts';
import type { Episode } from '../../src/rules/alert-states.ts';
import { readRuleFile } from '../../src/rules/file.ts';
import { dice, fixedSeries, minutes, type PromtoolSeries, someRules, someSeries } from './generated.ts';

export interface AlertTest {
  eval_time: string;
  alertname: string;
  exp_alerts: { exp_labels: Record<string, string> }[];
}

/** What a backtest says of each alert at each minute. */
export function ourAlerts(rules: string, series: readonly PromtoolSeries[]): AlertTest[] {
  const groups = readRuleFile(rules, 'rules.yml', { defaultIntervalMs: 60_000 });
  const end = (minutes - 1) * 60_000;
  const options = { start: 0, end, phaseOf: () => 0, defaultStepMs: 60_000 };
  const runs = runRules(groups, new BacktestStore(series.map(fixedSeries)), options);
  return runs
    .filter(({ definition }) => definition.kind === 'alerting')
    .flatMap(({ definition: { name }, episodes }) =>
      Array.from({ length: minutes }, (_, minute): AlertTest => {
        const time = minute * 60_000;
        return {
          eval_time: `${minute}m`,
          alertname: name,
          exp_alerts: episodes
            .filter((one) => isFiring(one, time))
            .map(({ alert: { labels } }) => ({
              exp_labels: Object.fromEntries([...labels].filter(([label]) => label !== 'alertname')),
            })),
        };
      }),
    );
}

function isFiring({ alert: { firedAt = Infinity }, endedAt = Infinity }: Episode, time: number): boolean {
  return firedAt <= time && time < endedAt;
}

/** What promtool says of rules, series and the alerts that are expected of them; '' if it agrees. */
export function promtoolSays(
  folder: string,
  { rules, series, tests }: { rules: string; series: readonly PromtoolSeries[]; tests: readonly AlertTest[] },
): string {
  const file = join(folder, 'test.yml');
  writeFileSync(join(folder, 'rules.yml'), rules);
  writeFileSync(
    file,
    stringify({
      rule_files: ['rules.yml'],
      evaluation_interval: '1m',
      group_eval_order: ['group0', 'group1'],
      tests: [
        {
          interval: '1m',
          input_series: series.map(({ labels, values }) => ({
            series: String(LabelSet.from(labels)),
            values: values.join(' '),
          })),
          alert_rule_test: tests,
        },
      ],
    }),
  );
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

/** How often something fired at a minute, over the rules and series of some seeds; throws where promtool disagrees. */
export function comparedWithPromtool(folder: string, seeds: number): number {
  let firing = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const random = dice(seed);
    const series = someSeries(random);
    const rules = someRules(random);
    const tests = ourAlerts(rules, series);
    firing += tests.filter(({ exp_alerts: alerts }) => alerts.length > 0).length;
    const said = promtoolSays(folder, { rules, series, tests });
    if (said !== '') throw new Error(`seed ${seed}\n${rules}\n${said}`);
  }
  return firing;
}
