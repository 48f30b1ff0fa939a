import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/fault/operation.ts';
import type { Plan } from '../../../src/fault/plan.ts';
import { openDocument, readPlaybook, readScenario } from '../../../src/game/documents.ts';
import { casesOf } from '../../../src/game/validate/cases.ts';
import { caseKinds } from '../../../src/game/validate/result.ts';
import { packageRoot } from '../../../src/paths.ts';

const scenarioDocument = await openDocument(join(packageRoot, 'scenarios/haymaker.yaml'));
const scenario = readScenario(scenarioDocument, {});
const playbook = readPlaybook(
  await openDocument(join(packageRoot, 'playbooks/latency-without-a-deploy.yaml')),
  scenario,
);
const created = { verb: 'create', object: { metadata: { name: 'report-export' } } } as Operation;
const plan = { operations: [created] } as unknown as Plan;

describe('what is to be proven of a scenario', () => {
  it('is the playbook, every fix, every wrong fix, every mitigating step left out, other names, and nothing', () => {
    const kinds = casesOf(scenario, playbook, plan, caseKinds).map(({ kind }) => kind);
    const count = (kind: string) => kinds.filter((one) => one === kind).length;
    expect(count('fixes')).toBe(scenario.fixes.length);
    expect(count('wrong-fixes')).toBe(scenario.wrongFixes.length);
    expect([count('playbook'), count('renamed'), count('nothing')]).toEqual([1, 1, 1]);
    const leftOut = casesOf(scenario, playbook, plan, ['left-out']);
    expect(leftOut.map(({ name }) => name)).toEqual(['stop-the-source']);
  });

  it('gives what the scenario creates other names, and leaves the stack its own', () => {
    const [renamed] = casesOf(scenario, playbook, plan, ['renamed']);
    expect(renamed).toMatchObject({ params: { job: 'report-export-b' } });
    const other = readScenario(scenarioDocument, (renamed as { params: Record<string, unknown> }).params);
    expect(other.diagnosis.origin).toBe('job.batch/batch/report-export-b');
    const [none] = casesOf(scenario, playbook, { operations: [] } as unknown as Plan, ['renamed']);
    expect(none).toMatchObject({ params: {} });
  });
});
