import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readAlertmanagerConfig } from '../../src/alerting/config.ts';
import { parse as parsePromql } from '../../src/promql/syntax/parse.ts';
import { readRuleFile } from '../../src/rules/file.ts';
import { alertmanagerFile, dashboardsFolder, rulesFolder } from '../../src/shop/folder.ts';
import { stackObjects } from '../../src/shop/stack.ts';
import { startProgram, stopAll } from './program.ts';
import { metricNames } from './promql-names.ts';

interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
interface Panel {
  id: number;
  title: string;
  type: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { unit: string; thresholds: { steps: unknown[] } } };
  targets: { expr: string; refId: string }[];
}
interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
  templating: { list: { name: string }[] };
}

/** Names of kube-state-metrics, cAdvisor, Alertmanager and Prometheus itself that rules and dashboards may use. */
const ELSEWHERE = [
  'up',
  'ALERTS',
  'alertmanager_config_last_reload_successful',
  'alertmanager_notifications_failed_total',
  'alertmanager_notifications_total',
  'container_cpu_cfs_periods_total',
  'container_cpu_cfs_throttled_periods_total',
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'container_spec_memory_limit_bytes',
  'kube_cronjob_spec_suspend',
  'kube_deployment_spec_replicas',
  'kube_deployment_status_condition',
  'kube_deployment_status_replicas',
  'kube_deployment_status_replicas_available',
  'kube_deployment_status_replicas_unavailable',
  'kube_deployment_status_replicas_updated',
  'kube_endpoint_address',
  'kube_horizontalpodautoscaler_spec_max_replicas',
  'kube_horizontalpodautoscaler_status_current_replicas',
  'kube_job_failed',
  'kube_job_status_active',
  'kube_node_spec_unschedulable',
  'kube_node_status_allocatable',
  'kube_pod_container_resource_requests',
  'kube_pod_container_status_restarts_total',
  'kube_pod_container_status_waiting_reason',
  'kube_pod_info',
  'kube_pod_status_phase',
  'kube_pod_status_ready',
  'kube_replicaset_spec_replicas',
  'kube_resourcequota',
];

const hasPromtool = [
  ['promtool', '--version'],
  ['amtool', '--version'],
].every(([tool, flag]) => spawnSync(tool!, [flag!]).status === 0);
/** The programs of pods that are scraped. */
const shopPrograms = new Set(
  stackObjects({ programs: () => '', mode: 'simulated' })
    .map(({ spec }) => spec?.template)
    .filter((template) => template?.metadata?.annotations?.['prometheus.io/scrape'])
    .flatMap(({ spec }) => spec.volumes ?? [])
    .flatMap(({ configMap }) => /^(.+)-program$/.exec(configMap?.name ?? '')?.[1] ?? []),
);
const rules = readdirSync(rulesFolder())
  .map((file) => parse(readFileSync(join(rulesFolder(), file), 'utf8')) as { groups: { rules: Rule[] }[] })
  .flatMap(({ groups }) => groups.flatMap((group) => group.rules));
const alerts = rules.filter((rule) => rule.alert);
const dashboards = readdirSync(dashboardsFolder()).map(
  (file) => [file, JSON.parse(readFileSync(join(dashboardsFolder(), file), 'utf8')) as Dashboard] as const,
);
const recorded = rules.flatMap((rule) => rule.record ?? []);
let exported: Set<string>;

beforeAll(async () => {
  const pages = await Promise.all(
    [...shopPrograms].map(
      async (name) => (await (await startProgram(name, { RATE: '0' })).admin('/metrics')).text,
    ),
  );
  const families = pages.flatMap((page) => [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)]);
  exported = new Set(
    families.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
});
afterAll(stopAll);

describe('the rules', () => {
  it('use only metrics that the programs, other rules or kube-state-metrics give', () => {
    const known = new Set([...exported, ...recorded, ...ELSEWHERE]);
    for (const { expr } of rules) for (const name of metricNames(expr)) expect(known, expr).toContain(name);
  });

  it('are understood by the sandbox, all of them', () => {
    const read = readdirSync(rulesFolder()).flatMap((file) => {
      const text = readFileSync(join(rulesFolder(), file), 'utf8');
      return readRuleFile(text, file, { defaultIntervalMs: 15_000 }).flatMap((group) => group.rules);
    });
    expect(read).toHaveLength(rules.length);
  });

  it.skipIf(!hasPromtool)('are valid to Prometheus and Alertmanager themselves', () => {
    for (const file of readdirSync(rulesFolder()))
      execFileSync('promtool', ['check', 'rules', '--lint-fatal', join(rulesFolder(), file)]);
    execFileSync('amtool', ['check-config', alertmanagerFile()]);
  });

  it('say for each alert what it means, how bad it is, whose it is and where to read on', () => {
    const config = readAlertmanagerConfig(readFileSync(alertmanagerFile(), 'utf8'));
    const receivers = config.receivers.map(({ name }) => name);
    for (const { alert, labels, annotations } of alerts) {
      expect(labels?.severity, alert).toMatch(/^(critical|warning)$/);
      expect(receivers, alert).toContain(labels?.owner);
      expect(annotations?.summary, alert).toMatch(/\S/);
      expect(annotations?.description, alert).toMatch(/\S/);
      expect(annotations?.runbook_url, alert).toMatch(/^https:\/\/runbooks\.shop\.example\/[a-z0-9-]+$/);
    }
  });

  it('name each alert and each recorded series once', () => {
    const names = rules.map((rule) => rule.alert ?? rule.record);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the dashboards', () => {
  it.each(dashboards)('%s uses only metrics that exist, in PromQL that parses', (_file, { panels }) => {
    const known = new Set([...exported, ...recorded, ...ELSEWHERE]);
    for (const { targets, title } of panels)
      for (const { expr } of targets) {
        expect(() => parsePromql(expr.replaceAll('$namespace', 'shop')), title).not.toThrow();
        for (const name of metricNames(expr.replaceAll('$namespace', 'shop')))
          expect(known, title).toContain(name);
      }
  });

  it.each(dashboards)(
    '%s can be rendered: a uid, a place, a unit and a description for each panel',
    (file, board) => {
      expect(`${board.uid}.json`).toBe(file);
      expect(board.templating.list.map(({ name }) => name)).toContain('namespace');
      expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
      expect(new Set(board.panels.map(({ title }) => title)).size).toBe(board.panels.length);
      for (const { gridPos, fieldConfig, description, targets, title } of board.panels) {
        expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
        expect(fieldConfig.defaults.unit, title).toMatch(/\S/);
        expect(description, title).toMatch(/\S/);
        expect(targets.length, title).toBeGreaterThan(0);
      }
    },
  );

  it('give nothing away', () => {
    expect(JSON.stringify([dashboards, rules])).not.toMatch(
      /misfortune|chaos|haymaker|scenario|oracle|report-export/i,
    );
  });
});
