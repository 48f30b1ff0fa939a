import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSources } from '../../../src/game/start/documents.ts';
import type { CaseKind, CaseResult } from '../../../src/game/validate/result.ts';
import { selectCases } from '../../../src/game/validate/select.ts';
import { readCases, validate } from '../../../src/game/validate/validate.ts';
import { pastGames } from '../../../src/log/past-games.ts';
import { playbookText, type SmallTown, scenarioText, startSmallTown } from '../../game/small-cluster.ts';
import { kubectlVersions } from '../../kubectl.ts';

let home: string;
let town: SmallTown;
let path: string | undefined;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
  // Not so fast that a busy machine is late for the time-out.
  await town.settle(home, 10);
  path = process.env.PATH;
  const kubectl = kubectlVersions().at(-1)?.path ?? '';
  if (kubectl.includes('/')) process.env.PATH = `${dirname(kubectl)}${delimiter}${path}`;
});
afterAll(async () => {
  process.env.PATH = path;
  await town.close();
  rmSync(home, { recursive: true });
});

const mend = `kubectl -n town patch configmap greeter --type=merge -p '{"data":{"tone":"kind"}}'`;
const more = `fixes:
  - name: be kind
    run: ${JSON.stringify(mend)}
wrongFixes:
  - name: shout
    run: kubectl -n town label configmap greeter volume=loud
    fails: tone-back
    effect: { field: { ref: configmap/town/greeter, path: metadata.labels.volume, equals: loud }, within: 30s }
`;

/** The playbook with other steps. */
function withSteps(lines: string[]): string {
  return `${playbookText.slice(0, playbookText.indexOf('steps:'))}steps:\n${lines.join('\n')}\n`;
}

async function prove(text: string, only: CaseKind[], playbook = playbookText): Promise<CaseResult[]> {
  const scenario = join(home, 'proven.yaml');
  writeFileSync(scenario, text);
  writeFileSync(join(home, 'playbook.yaml'), playbook);
  const { signal } = new AbortController();
  const files = [{ scenario, playbook: join(home, 'playbook.yaml') }];
  const todo = selectCases(readCases(await Promise.all(files.map(openSources))), { kinds: only });
  return (await validate({ stateHome: home, todo, cluster: {}, signal })).results;
}

describe('a validation', () => {
  it('passes a scenario whose playbook and fix mend it, whose wrong fix fails, and whose step is needed', async () => {
    const results = await prove(scenarioText + more, ['playbook', 'fixes', 'wrong-fixes', 'left-out']);
    expect(results.map(({ kind, outcome, problems }) => [kind, outcome, ...problems])).toEqual([
      ['playbook', 'passed'],
      ['fixes', 'passed'],
      ['wrong-fixes', 'passed'],
      ['left-out', 'passed'],
    ]);
    expect(town.server.api.get('configmaps', 'town', 'greeter')?.metadata.labels).toBeUndefined();
  });

  it('looks around as a responder does, and counts the single looks that show nothing but the culprit', async () => {
    const [secret] = await prove(scenarioText + more, ['giveaway']);
    expect(secret).toMatchObject({ outcome: 'passed', problems: [], giveaways: 0 });
    expect(secret?.evidence).toContain('kubectl get pods -A: nothing new');
    const loud = scenarioText
      .replace(
        'config: { configMap: town/greeter, set:',
        'apply: { manifests: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: shouts, namespace: town }, data:',
      )
      .replace("tone: '${mood}' } }", "tone: '${mood}' } }] }")
      .replaceAll('configmap/town/greeter', 'configmap/town/shouts');
    const [told] = await prove(loud + more, ['giveaway']);
    expect(told?.evidence.join('\n')).toMatch(/get services,.*: configmap\/town\/shouts \(tells all\)/);
    expect(told?.giveaways).toBe(1);
  });

  it('names the alert that has no rule, the fix that does not mend, and the wrong fix that does', async () => {
    const text = `${scenarioText}${more
      .replace(JSON.stringify(mend), 'kubectl -n town get configmap greeter')
      .replace(
        'kubectl -n town label configmap greeter volume=loud',
        JSON.stringify(`${mend} && ${'kubectl -n town label configmap greeter volume=loud'}`),
      )}alerts: { expected: [Rudeness] }\n`;
    const [playbook, fix, wrong] = await prove(text, ['playbook', 'fixes', 'wrong-fixes']);
    expect(playbook).toMatchObject({ outcome: 'failed', problems: ['Rudeness: no_rule.'] });
    expect(fix?.problems.join()).toContain('the oracle does not hold: tone-back');
    expect(wrong?.problems.join()).toMatch(/tone-back does not fail/);
  });

  it('plays every alternative, and names the one that does not mend and the one that nobody can run', async () => {
    const branches = [
      `      - { id: mend, run: ${JSON.stringify(mend)}, match: { kube: { verb: patch } } }`,
      '      - { id: look, run: kubectl -n town get configmap greeter, match: { kube: { verb: get } } }',
      '      - { id: pray, say: Hope., match: { declared: note } }',
    ];
    const playbook = withSteps(['  - id: act', '    phase: mitigate', '    anyOf:', ...branches]);
    const results = await prove(scenarioText, ['playbook'], playbook);
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['greet-well', 'passed'],
      ['greet-well by look', 'failed'],
      ['act/pray', 'skipped'],
    ]);
    expect(results[1]?.problems.join()).toContain('the oracle does not hold: tone-back');
    expect(results[2]?.problems.join()).toContain('it has no run line');
  });

  it('names a mitigating step that is not needed', async () => {
    const step = (id: string) => [
      `  - id: ${id}`,
      '    phase: mitigate',
      `    run: ${JSON.stringify(mend)}`,
      '    match: { kube: { verb: patch } }',
    ];
    const results = await prove(
      scenarioText,
      ['left-out'],
      withSteps([...step('mend'), ...step('mend-more')]),
    );
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['mend', 'failed'],
      ['mend-more', 'failed'],
    ]);
    expect(results[0]?.problems.join()).toContain('the step mend was left out, and yet');
  });

  it('waits for the time-out when nobody does anything, and is not content with another ending', async () => {
    const [nothing] = await prove(scenarioText, ['nothing']);
    expect(nothing).toMatchObject({ outcome: 'passed', evidence: ['ended: timed-out'] });
    const alwaysWell = scenarioText.replace('equals: kind', 'equals: rude');
    const [won] = await prove(alwaysWell, ['nothing']);
    expect(won).toMatchObject({ outcome: 'failed' });
    expect(won?.problems.join()).toContain('expected the game to end timed-out, it ended mitigated');
  });

  it('does not believe an alert that fires before anything is broken', async () => {
    const label = { alertname: 'Rudeness' };
    const activeAt = new Date().toISOString();
    town.prometheus.alerts.push({ state: 'firing', labels: label, annotations: {}, activeAt, value: '1' });
    const [playbook] = await prove(`${scenarioText}alerts: { expected: [Rudeness] }\n`, ['playbook']);
    town.prometheus.alerts.pop();
    expect(playbook?.problems).toEqual(['Rudeness is firing before anything is broken']);
  });

  it('says that the fault had no effect, and which command could not be run', async () => {
    const none = scenarioText.replace('mood: rude', 'mood: bored');
    const [idle] = await prove(none, ['playbook']);
    expect(idle?.problems.join()).toContain('had no effect');
    const [typo] = await prove(scenarioText + more.replace(JSON.stringify(mend), 'kubectl -n town paint x'), [
      'fixes',
    ]);
    expect(typo?.problems.join()).toContain('"kubectl -n town paint x" exited with 1');
  });

  it("is nobody's practice: its games are not among the past ones", () => {
    expect(pastGames(home).games).toEqual([]);
  });
});
