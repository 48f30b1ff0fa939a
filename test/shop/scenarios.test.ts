import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Check } from '../../src/check/grammar.ts';
import { readDocument } from '../../src/document/read.ts';
import { faultSchemas, mechanisms } from '../../src/fault/types/registry.ts';
import { bindPlaybook } from '../../src/playbook/bind.ts';
import { lintPlaybook } from '../../src/playbook/lint.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';
import { lintScenario } from '../../src/scenario/lint.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { alertmanagerFile, dashboardsFolder, rulesFolder } from '../../src/shop/folder.ts';
import { stackObjects } from '../../src/shop/stack.ts';
import { metricNames } from './promql-names.ts';

const root = join(import.meta.dirname, '..', '..');
const files = (folder: string) => readdirSync(join(root, folder)).map((file) => join(folder, file));
const rules = readdirSync(rulesFolder())
  .flatMap((file) => parse(readFileSync(join(rulesFolder(), file), 'utf8')).groups)
  .flatMap(({ rules }) => rules) as {
  alert?: string;
  record?: string;
  annotations?: Record<string, string>;
}[];
const alerts = rules.flatMap(({ alert }) => alert ?? []);
const dashboards = readdirSync(dashboardsFolder()).map(
  (file) =>
    JSON.parse(readFileSync(join(dashboardsFolder(), file), 'utf8')) as {
      uid: string;
      panels: { title: string }[];
    },
);
const receivers: string[] = parse(readFileSync(alertmanagerFile(), 'utf8')).receivers.map(
  ({ name }: { name: string }) => name,
);
const stack = stackObjects({ programs: () => '', mode: 'simulated' });

async function read(file: string) {
  const { document, problems } = await readDocument(join(root, file));
  expect(problems).toEqual([]);
  return document!;
}

async function scenario(file: string) {
  const parsed = parseScenario(await read(file), { faultSchemas });
  expect(parsed.problems).toEqual([]);
  return parsed.scenario!;
}

async function playbook(file: string) {
  const parsed = parsePlaybook(await read(file));
  expect(parsed.problems).toEqual([]);
  expect(lintPlaybook(parsed, { alerts, dashboards })).toEqual([]);
  return parsed.playbook!;
}

/** A check and all checks within it. */
const within = (check: Check): Check[] => [
  check,
  ...[...(check.all ?? []), ...(check.any ?? []), ...(check.not ? [check.not] : [])].flatMap(within),
];

describe.each(files('scenarios'))('%s', (file) => {
  it('passes the lint against the shop', async () => {
    const playbooks = await Promise.all(files('playbooks').map(playbook));
    const parsed = parseScenario(await read(file), { faultSchemas });
    expect(lintScenario(parsed, { playbooks, mechanisms, alerts, receivers, dashboards })).toEqual([]);
  });

  it('asks only for recorded series that the shop has', async () => {
    const { steadyState, oracle, faults } = await scenario(file);
    const recorded = new Set(rules.map(({ record }) => record));
    const checks = [...steadyState, oracle, ...faults.flatMap(({ effect }) => effect ?? [])].flatMap(within);
    for (const { promql } of checks)
      for (const name of metricNames(promql?.query ?? '0'))
        if (name.includes(':')) expect(recorded).toContain(name);
  });

  it('has several right and several wrong fixes', async () => {
    const { wrongFixes, fixes } = await scenario(file);
    expect(fixes.length).toBeGreaterThan(1);
    expect(wrongFixes.length).toBeGreaterThan(1);
  });

  it('leads its page to its playbook, and binds all roles of it', async () => {
    const played = await scenario(file);
    const answer = await playbook(join('playbooks', `${played.playbook.name}.yaml`));
    // What a fault keeps from its owner leads nobody anywhere.
    for (const { name } of played.alerts.expected.filter(({ undelivered }) => !undelivered)) {
      expect(answer.answers).toContain(name);
      const runbook = rules.find(({ alert }) => alert === name)?.annotations?.runbook_url;
      expect(runbook?.endsWith(`/${answer.name}`)).toBe(true);
    }
    const bound = bindPlaybook(answer, played.playbook.with);
    expect(JSON.stringify(bound)).not.toContain('${');
  });

  it('gives nothing away in what is read before the debrief', async () => {
    const { title, briefing, diagnosis } = await scenario(file);
    const origin = diagnosis.origin.split('/').at(-1)!;
    expect(`${title} ${briefing}`).not.toContain(origin);
    expect(`${title} ${briefing}`).not.toMatch(/\b(job|upstream|entry|mesh|fault|scenario)\b/i);
  });
});

describe('silenced', () => {
  it('knows the routes as they are in the file', async () => {
    const { playbook: use } = await scenario(join('scenarios', 'silenced.yaml'));
    expect(JSON.parse(`"${use.with.good}"`)).toBe(readFileSync(alertmanagerFile(), 'utf8'));
  });
});

describe('broken-upstream', () => {
  it('knows the list as it is in the manifests', async () => {
    const { playbook: use } = await scenario(join('scenarios', 'broken-upstream.yaml'));
    const list = stack.find(({ metadata }) => metadata.name === 'edge-upstreams')!.data['upstreams.yaml'];
    expect(JSON.parse(`"${use.with.good}"`)).toBe(list);
  });
});
